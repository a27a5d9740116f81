-- Verify mnemos:users/person on pg
SELECT id, name, name_key, status, specialty, birth_date, birth_date_estimated, mmse, caregiver_id, version, created_at,
       updated_at FROM users.person WHERE false;
SELECT 1 / (NOT has_column_privilege('mnemos_users', 'users.person', 'status', 'update'))::int;
SELECT 1 / (NOT has_table_privilege('mnemos_analytics', 'users.person', 'select'))::int;
