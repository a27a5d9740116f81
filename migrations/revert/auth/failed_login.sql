-- Revert mnemos:auth/failed_login from pg
BEGIN;
DROP TABLE auth.failed_login;
DROP FUNCTION auth.login_wait;
COMMIT;
