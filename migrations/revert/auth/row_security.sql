-- Revert mnemos:auth/row_security from pg
BEGIN;

CREATE OR REPLACE VIEW auth.published_account WITH (security_barrier = false) AS
    SELECT id, name, role, specialty FROM auth.account;
ALTER FUNCTION auth.keep_a_superuser() SECURITY INVOKER;
ALTER FUNCTION auth.end_sessions_of_account() SECURITY INVOKER;
GRANT INSERT, DELETE ON auth.session TO mnemos_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.refresh_token TO mnemos_auth;
GRANT UPDATE (password_hash) ON auth.account TO mnemos_auth;
DROP POLICY own ON auth.session;
ALTER TABLE auth.session DISABLE ROW LEVEL SECURITY;
DROP POLICY see ON auth.account;
DROP POLICY make ON auth.account;
DROP POLICY change ON auth.account;
DROP POLICY remove ON auth.account;
ALTER TABLE auth.account DISABLE ROW LEVEL SECURITY;

COMMIT;
