-- Verify mnemos:auth/client on pg
SELECT id, scope, secret_hash FROM auth.client WHERE false;
SELECT 1 / relrowsecurity::int FROM pg_catalog.pg_class WHERE oid = 'auth.client'::regclass;
SELECT 1 / has_function_privilege('mnemos_auth', 'auth.client_credentials(uuid)', 'execute')::int;
SELECT 1 / (NOT has_column_privilege('mnemos_auth', 'auth.client', 'secret_hash', 'select'))::int;
SELECT 1 / (NOT has_column_privilege('mnemos_auth', 'auth.client', 'scope', 'update'))::int;
