-- Revert mnemos:users/tumour from pg
BEGIN;

DROP FUNCTION users.accept_treatment;
DROP VIEW users.published_tumour, users.tumour_history;
DROP TABLE users.tumour_version, users.tumour_treatment, users.tumour;
DROP TABLE users.treatment, users.primary_site, users.metastasis_diagnostic;
DROP FUNCTION users.tumour_stamp, users.tumour_keep, users.tumour_truncated, users.catalogue_stamp;
DROP DOMAIN users.presence, users.marker;

COMMIT;
