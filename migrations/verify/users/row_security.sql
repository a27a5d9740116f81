-- Verify mnemos:users/row_security on pg
SELECT 1 / (count(*) = 1)::int FROM pg_class WHERE oid = 'users.person'::regclass AND relrowsecurity;
SELECT 1 / (NOT has_column_privilege('mnemos_analytics', 'users.person', 'name', 'select'))::int;
