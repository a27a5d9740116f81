-- Verify mnemos:auth/external_identity on pg
SELECT id, account_id, issuer, subject, provisioned, linked_by, created_at FROM auth.external_identity WHERE false;
SELECT 1 / has_function_privilege('mnemos_auth', 'auth.account_of_identity(text, text, text, text, text)', 'execute')::int;
SELECT 1 / (NOT has_function_privilege('mnemos_users', 'auth.account_of_identity(text, text, text, text, text)', 'execute'))::int;
SELECT 1 / relrowsecurity::int FROM pg_catalog.pg_class WHERE oid = 'auth.external_identity'::regclass;
SELECT 1 / (NOT has_column_privilege('mnemos_auth', 'auth.external_identity', 'provisioned', 'insert'))::int;
SELECT 1 / (NOT has_table_privilege('mnemos_users', 'auth.external_identity', 'select'))::int;
