-- Revert mnemos:users/tumour_at_once from pg
BEGIN;

DROP TRIGGER tumour_change_kept ON users.tumour;
DROP TRIGGER tumour_removal_kept ON users.tumour;
DROP FUNCTION users.tumour_keep_changed, users.tumour_keep_removed;
DROP TRIGGER tumour_insert_logged ON users.tumour;
DROP TRIGGER tumour_update_logged ON users.tumour;
DROP TRIGGER tumour_delete_logged ON users.tumour;
DROP FUNCTION auth.log_writes;

CREATE FUNCTION users.tumour_keep() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended timestamptz := CASE TG_OP WHEN 'UPDATE' THEN NEW.updated_at
                              ELSE greatest(now(), OLD.updated_at + interval '1 microsecond') END;
BEGIN
    INSERT INTO users.tumour_version VALUES (OLD.id, OLD.version, users.person_kind(OLD.version), OLD.changed_by,
                                             OLD.changed_by_role, OLD.updated_at, ended, OLD);
    IF TG_OP = 'DELETE' THEN
        INSERT INTO users.tumour_version VALUES (OLD.id, OLD.version + 1, 'removed', shared.acting_account(),
                                                 shared.acting_role(), ended, NULL, OLD);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tumour_kept AFTER UPDATE OR DELETE ON users.tumour
    FOR EACH ROW EXECUTE FUNCTION users.tumour_keep();
CREATE TRIGGER tumour_logged AFTER INSERT OR UPDATE OR DELETE ON users.tumour
    FOR EACH ROW WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION auth.log_write('tumour');
REVOKE ALL ON FUNCTION users.tumour_keep FROM PUBLIC;

COMMIT;
