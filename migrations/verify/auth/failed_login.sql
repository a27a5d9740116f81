-- Verify mnemos:auth/failed_login on pg
SELECT key, failures, failed_at, auth.login_wait(failures, failed_at) FROM auth.failed_login WHERE false;
SELECT 1 / (NOT has_table_privilege('mnemos_users', 'auth.failed_login', 'select'))::int;
