-- Revert mnemos:auth/password from pg
BEGIN;

REVOKE UPDATE (password_hash) ON auth.account FROM mnemos_auth;
DROP FUNCTION auth.change_password;

COMMIT;
