-- Verify mnemos:auth/password on pg
SELECT 1 / has_function_privilege('mnemos_auth', 'auth.change_password(uuid, text, text, uuid)', 'execute')::int;
SELECT 1 / (NOT has_function_privilege('mnemos_users', 'auth.change_password(uuid, text, text, uuid)', 'execute'))::int;
