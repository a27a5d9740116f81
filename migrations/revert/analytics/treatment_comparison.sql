-- Revert mnemos:analytics/treatment_comparison from pg
BEGIN;

DROP TABLE analytics.treatment_comparison;
DROP FUNCTION analytics.treatment_comparison_stamp, analytics.treatment_comparison_log;

COMMIT;
