-- Revert mnemos:auth/external_identity from pg
BEGIN;
DROP TABLE auth.external_identity;
DROP FUNCTION auth.account_of_identity, auth.log_identity;
COMMIT;
