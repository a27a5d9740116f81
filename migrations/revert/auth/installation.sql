-- Revert mnemos:auth/installation from pg
BEGIN;

DROP FUNCTION auth.make_first_superuser, auth.has_superuser;
DROP TABLE auth.demonstration;

COMMIT;
