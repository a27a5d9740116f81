-- Revert mnemos:users/visit_cohort from pg
BEGIN;

DROP FUNCTION users.visit_cohort;
DROP VIEW users.published_visit;
CREATE VIEW users.published_visit WITH (security_invoker) AS
    SELECT id, patient_id, assessed_on, mmse FROM users.assessment;
REVOKE SELECT (number) ON users.assessment FROM mnemos_analytics;
GRANT SELECT ON users.published_visit TO mnemos_analytics;

COMMIT;
