-- Verify mnemos:auth/refresh on pg
SELECT hash, session_id, generation, expires_at FROM auth.refresh_token WHERE false;
SELECT generation, rotated_at FROM auth.session WHERE false;
SELECT 1 / has_function_privilege('mnemos_auth', 'auth.rotate_refresh_token(bytea, bytea)', 'execute')::int;
SELECT 1 / (NOT has_table_privilege('mnemos_users', 'auth.refresh_token', 'select'))::int;
