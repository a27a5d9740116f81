-- Revert mnemos:users/tumour_import_expiry from pg
BEGIN;

DROP FUNCTION users.tumour_import_expire;
DROP INDEX users.tumour_import_by_expiry;

COMMIT;
