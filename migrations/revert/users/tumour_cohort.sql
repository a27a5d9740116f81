-- Revert mnemos:users/tumour_cohort from pg
BEGIN;

DROP FUNCTION users.tumour_cohort;

COMMIT;
