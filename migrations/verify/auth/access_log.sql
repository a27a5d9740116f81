-- Verify mnemos:auth/access_log on pg
SELECT 1 / has_table_privilege('mnemos_users', 'auth.access_entry', 'insert')::int;
SELECT 1 / (NOT has_table_privilege('mnemos_users', 'auth.access_log', 'select, insert, update, delete'))::int;
SELECT 1 / (NOT has_table_privilege('mnemos_auth', 'auth.access_log', 'insert, update, delete, truncate'))::int;
SELECT 1 / (NOT has_table_privilege('mnemos_auth', 'auth.access_seal', 'update, delete, truncate'))::int;
SELECT 1 / (count(*) >= 4)::int FROM pg_inherits WHERE inhparent = 'auth.access_log'::regclass;
