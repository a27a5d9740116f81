-- Revert mnemos:auth/refresh from pg
BEGIN;
DROP FUNCTION auth.rotate_refresh_token;
DROP TABLE auth.refresh_token;
ALTER TABLE auth.session DROP COLUMN generation, DROP COLUMN rotated_at;
COMMIT;
