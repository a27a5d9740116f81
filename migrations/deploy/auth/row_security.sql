-- Deploy mnemos:auth/row_security to pg
--
-- Accounts and sessions, seen through the second wall: people see their own; administrators manage accounts, superusers
-- those of administrators, too. What happens before it is known who asks (login, refresh) is done by functions of the
-- owner that find one row by what only the right one can know.
BEGIN;

ALTER TABLE auth.account ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON auth.account FOR SELECT USING (
    id = (SELECT shared.acting_account())
    OR (SELECT shared.acting_role()) = 'superuser'
    OR ((SELECT shared.acting_role()) = 'admin' AND role NOT IN ('superuser', 'admin')));
CREATE POLICY make ON auth.account FOR INSERT WITH CHECK (
    (SELECT shared.acting_role()) = 'superuser'
    OR ((SELECT shared.acting_role()) = 'admin' AND role NOT IN ('superuser', 'admin')));
CREATE POLICY change ON auth.account FOR UPDATE USING (
    (SELECT shared.acting_role()) = 'superuser'
    OR ((SELECT shared.acting_role()) = 'admin' AND role NOT IN ('superuser', 'admin')));
CREATE POLICY remove ON auth.account FOR DELETE USING (
    (SELECT shared.acting_role()) = 'superuser'
    OR ((SELECT shared.acting_role()) = 'admin' AND role NOT IN ('superuser', 'admin')));

ALTER TABLE auth.session ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON auth.session USING (account_id = (SELECT shared.acting_account()));

-- Hashes are changed by functions only, and nobody looks through refresh tokens.
REVOKE UPDATE (password_hash) ON auth.account FROM mnemos_auth;
REVOKE ALL ON auth.refresh_token FROM mnemos_auth;
REVOKE INSERT, DELETE ON auth.session FROM mnemos_auth;

-- These follow from what somebody else does to an account, so they act as the owner.
ALTER FUNCTION auth.keep_a_superuser() SECURITY DEFINER;
ALTER FUNCTION auth.end_sessions_of_account() SECURITY DEFINER;

-- The users service shows people how they are called, and asks for no other name.
CREATE OR REPLACE VIEW auth.published_account WITH (security_barrier) AS
    SELECT id, name, role, specialty FROM auth.account WHERE id = (SELECT shared.acting_account());

COMMIT;
