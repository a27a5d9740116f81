-- Deploy mnemos:auth/role to pg
BEGIN;

-- Researchers see counts and no names; clients are machines and may what their scopes say.
ALTER TABLE auth.account
    DROP CONSTRAINT account_role_check,
    ADD CONSTRAINT account_role_check
        CHECK (role IN ('superuser', 'admin', 'healthpro', 'caregiver', 'patient', 'researcher', 'client'));

-- Those that have no record in users.person: few, and managed in the auth service.
CREATE INDEX account_managed ON auth.account (name_key) WHERE role IN ('superuser', 'admin', 'researcher', 'client');
DROP INDEX auth.account_administrators;

DROP TRIGGER sessions_end_with_account ON auth.account;
CREATE TRIGGER sessions_end_with_account BEFORE DELETE ON auth.account
    FOR EACH ROW WHEN (OLD.role IN ('superuser', 'admin', 'researcher', 'client'))
    EXECUTE FUNCTION auth.end_sessions_of_account();

COMMIT;
