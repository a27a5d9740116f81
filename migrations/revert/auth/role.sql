-- Revert mnemos:auth/role from pg
BEGIN;

-- Before this change there was nothing that these could be.
DELETE FROM auth.account WHERE role IN ('researcher', 'client');

DROP TRIGGER sessions_end_with_account ON auth.account;
CREATE TRIGGER sessions_end_with_account BEFORE DELETE ON auth.account
    FOR EACH ROW WHEN (OLD.role IN ('superuser', 'admin')) EXECUTE FUNCTION auth.end_sessions_of_account();

CREATE INDEX account_administrators ON auth.account (name_key) WHERE role IN ('superuser', 'admin');
DROP INDEX auth.account_managed;

ALTER TABLE auth.account
    DROP CONSTRAINT account_role_check,
    ADD CONSTRAINT account_role_check CHECK (role IN ('superuser', 'admin', 'healthpro', 'caregiver', 'patient'));

COMMIT;
