-- Deploy mnemos:analytics/schema to pg
BEGIN;

CREATE SCHEMA analytics;
GRANT USAGE ON SCHEMA analytics TO mnemos_analytics;

COMMIT;
