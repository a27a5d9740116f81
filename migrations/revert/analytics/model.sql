-- Revert mnemos:analytics/model from pg
BEGIN;

DROP TABLE analytics.promotion CASCADE; -- with the policy that looks at it
DROP TABLE analytics.model;
DROP FUNCTION analytics.served;

COMMIT;
