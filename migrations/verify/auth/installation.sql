-- Verify mnemos:auth/installation on pg
SELECT 1 / has_table_privilege('mnemos_auth', 'auth.demonstration', 'select')::int;
SELECT 1 / (NOT has_table_privilege('mnemos_auth', 'auth.demonstration', 'insert, update, delete'))::int;
