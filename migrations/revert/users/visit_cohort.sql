-- Revert mnemos:users/visit_cohort from pg
DROP FUNCTION users.visit_cohort;
