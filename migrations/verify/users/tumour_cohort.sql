-- Verify mnemos:users/tumour_cohort on pg
SELECT 1 / has_function_privilege('mnemos_analytics', 'users.tumour_cohort(uuid, integer)', 'execute')::int;
SELECT 1 / (NOT has_function_privilege('mnemos_users', 'users.tumour_cohort(uuid, integer)', 'execute'))::int;
