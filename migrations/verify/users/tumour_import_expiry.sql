-- Verify mnemos:users/tumour_import_expiry on pg
SELECT 'users.tumour_import_by_expiry'::regclass;
SELECT 1 / has_function_privilege('mnemos_users', 'users.tumour_import_expire(integer)', 'execute')::int;
