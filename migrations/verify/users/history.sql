-- Verify mnemos:users/history on pg
SELECT id, version, kind, changed_by, changed_by_role, valid_from, valid_until FROM users.person_history WHERE false;
SELECT 1 / (count(*) = 1)::int FROM pg_class WHERE oid = 'users.person_version'::regclass AND relrowsecurity;
SELECT 1 / (NOT has_table_privilege('mnemos_users', 'users.person_version', 'insert, update, delete, truncate'))::int;
SELECT 1 / (NOT has_table_privilege('mnemos_analytics', 'users.person_version', 'select'))::int;
