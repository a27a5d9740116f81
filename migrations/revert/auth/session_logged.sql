-- Revert mnemos:auth/session_logged from pg
BEGIN;

DROP TRIGGER session_logged ON auth.session;
DROP FUNCTION auth.log_session;

COMMIT;
