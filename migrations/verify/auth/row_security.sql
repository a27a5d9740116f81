-- Verify mnemos:auth/row_security on pg
SELECT 1 / (count(*) = 2)::int FROM pg_class
 WHERE oid IN ('auth.account'::regclass, 'auth.session'::regclass) AND relrowsecurity;
SELECT 1 / (NOT has_table_privilege('mnemos_auth', 'auth.refresh_token', 'select'))::int;
SELECT 1 / (count(*) = 0)::int FROM auth.published_account;
