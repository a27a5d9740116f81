-- Verify mnemos:analytics/model on pg
SELECT id, owner_id, name, version, target, method, seed, subjects, visits, beats_last_value, metrics, card, report, page,
       artefact, created_at FROM analytics.model WHERE false;
SELECT target, serves, model_id, promoted_by, promoted_at, forced_reason FROM analytics.promotion WHERE false;
SELECT 1 / (NOT has_any_column_privilege('mnemos_analytics', 'analytics.model', 'update'))::int;
SELECT 1 / (NOT has_column_privilege('mnemos_analytics', 'analytics.model', 'owner_id', 'insert'))::int;
SELECT 1 / (count(*) = 7)::int FROM pg_catalog.pg_policies
 WHERE schemaname = 'analytics' AND tablename IN ('model', 'promotion');
