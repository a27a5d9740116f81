-- Revert mnemos:users/tumour_treatment_history from pg
BEGIN;

DROP TRIGGER tumour_treatment_kept ON users.tumour_treatment;
DROP TRIGGER tumour_treatment_stamped ON users.tumour_treatment;
DROP FUNCTION users.tumour_treatment_keep, users.tumour_treatment_stamp;
CREATE OR REPLACE FUNCTION users.tumour_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    TRUNCATE users.tumour_version;
    RETURN NULL;
END
$$;
DROP TABLE users.tumour_treatment_version;
ALTER TABLE users.tumour_treatment DROP COLUMN added_at;

COMMIT;
