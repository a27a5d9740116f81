-- Verify mnemos:auth/session_use on pg
SELECT device, address, used_at FROM auth.session WHERE false;
SELECT 1 / has_function_privilege('mnemos_auth', 'auth.refresh_session(bytea, bytea, text, inet)', 'execute')::int;
SELECT 1 / (NOT has_function_privilege('mnemos_users',
    'auth.open_session(uuid, uuid, bigint, bigint, bytea, text, inet)', 'execute'))::int;
