-- Verify mnemos:users/visit_cohort on pg
SELECT 1 / has_function_privilege('mnemos_analytics',
    'users.visit_cohort(integer, integer, date, date, integer, bigint)', 'execute')::int;
SELECT 1 / (count(*) = 0)::int FROM users.visit_cohort(NULL, NULL, NULL, NULL, NULL, 1);
SELECT number FROM users.published_visit WHERE false;
