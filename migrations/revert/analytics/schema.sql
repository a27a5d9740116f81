-- Revert mnemos:analytics/schema from pg
DROP SCHEMA analytics;
