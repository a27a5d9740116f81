-- Verify mnemos:analytics/treatment_comparison on pg
SELECT id, version, owner_id, tumour_id, created_at, updated_at, outcome, verdict, recommended, request, cohort, answer,
       decision, decided_treatment, reason, decided_by, decided_at
  FROM analytics.treatment_comparison WHERE false;
SELECT 1 / relrowsecurity::int FROM pg_class WHERE oid = 'analytics.treatment_comparison'::regclass;
SELECT 1 / (NOT has_column_privilege('mnemos_analytics', 'analytics.treatment_comparison', 'owner_id', 'insert'))::int;

