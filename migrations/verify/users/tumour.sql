-- Verify mnemos:users/tumour on pg
SELECT id, version, kind, changed_by, changed_by_role, valid_from, valid_until, (record).gender
  FROM users.tumour_history WHERE false;
SELECT 1 / (count(*) = 6)::int FROM pg_class
 WHERE relrowsecurity AND oid IN ('users.tumour'::regclass, 'users.tumour_version'::regclass,
       'users.tumour_treatment'::regclass, 'users.treatment'::regclass, 'users.primary_site'::regclass,
       'users.metastasis_diagnostic'::regclass);
SELECT 1 / (NOT has_table_privilege('mnemos_users', 'users.tumour_version', 'insert, update, delete, truncate'))::int;
SELECT 1 / (NOT has_column_privilege('mnemos_analytics', 'users.tumour', 'first_name', 'select'))::int;
SELECT 1 / has_column_privilege('mnemos_analytics', 'users.tumour', 'pt', 'select')::int;
SELECT 1 / has_function_privilege('mnemos_analytics', 'users.accept_treatment(uuid, text)', 'execute')::int;
