-- Revert mnemos:auth/administration from pg
BEGIN;

REVOKE INSERT (id, name, role, password_hash), UPDATE (role, disabled), DELETE ON auth.account FROM mnemos_auth;
DROP TRIGGER version_counts ON auth.account;
DROP TRIGGER sessions_end_with_account ON auth.account;
DROP TRIGGER sessions_end_with_role ON auth.account;
DROP TRIGGER keep_a_superuser_deleted ON auth.account;
DROP TRIGGER keep_a_superuser_updated ON auth.account;
DROP FUNCTION auth.count_account_version, auth.end_sessions_of_account, auth.keep_a_superuser;
DROP INDEX auth.account_administrators;

-- Without the column nobody would be disabled any more, so who is stays out by a password that nobody has.
UPDATE auth.account SET password_hash = '' WHERE disabled;
ALTER TABLE auth.account DROP COLUMN disabled, DROP COLUMN version;

COMMIT;
