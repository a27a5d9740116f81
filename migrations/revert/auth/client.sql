-- Revert mnemos:auth/client from pg
BEGIN;

DELETE FROM auth.account WHERE role = 'client';
DROP FUNCTION auth.update_client, auth.renew_client_secret, auth.client_credentials, auth.open_client_session;
DROP TABLE auth.client;
ALTER TABLE auth.account
    DROP CONSTRAINT account_password_of_people,
    ALTER COLUMN password_hash SET NOT NULL;

COMMIT;
