-- Verify mnemos:auth/session_logged on pg
SELECT 1 / count(*) FROM pg_trigger WHERE tgrelid = 'auth.session'::regclass AND tgname = 'session_logged';
