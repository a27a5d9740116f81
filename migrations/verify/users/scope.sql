-- Verify mnemos:users/scope on pg
SELECT 1 / (NOT shared.acting_scope('people:read'))::int;
SELECT 1 / (count(*) = 2)::int FROM pg_catalog.pg_policies
 WHERE schemaname = 'users' AND tablename = 'person' AND qual LIKE '%acting_scope%';
