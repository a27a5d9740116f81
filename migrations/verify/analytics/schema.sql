-- Verify mnemos:analytics/schema on pg
SELECT 1 / has_schema_privilege('mnemos_analytics', 'analytics', 'usage')::int;
SELECT 1 / (NOT has_schema_privilege('mnemos_users', 'analytics', 'usage'))::int;
