-- Verify mnemos:auth/administration on pg
SELECT disabled, version FROM auth.account WHERE false;
SELECT 1 / (count(*) >= 5)::int FROM pg_catalog.pg_trigger
 WHERE tgrelid = 'auth.account'::regclass AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / has_column_privilege('mnemos_auth', 'auth.account', 'disabled', 'update')::int;
SELECT 1 / (NOT has_column_privilege('mnemos_auth', 'auth.account', 'name', 'update'))::int;
