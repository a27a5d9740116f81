-- Revert mnemos:users/tumour_import from pg
BEGIN;

DROP TABLE users.tumour_import_error, users.tumour_staged, users.tumour_import;

COMMIT;
