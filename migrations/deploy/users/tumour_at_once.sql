-- Deploy mnemos:users/tumour_at_once to pg
--
-- Tumours are imported and removed by the thousand, so what accompanies a write is done once for each statement and not
-- for each row: the entries in the access log, which then cost a fifth, and the versions of the history.
BEGIN;

-- As auth.log_write, for the transition table of a statement, which the trigger calls changed_rows.
CREATE FUNCTION auth.log_writes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.access_log (subject_id, object, outcome, action)
    SELECT c.id, TG_ARGV[0], 'written', coalesce(shared.acting_request(1), TG_ARGV[0] || '.' || lower(TG_OP))
      FROM changed_rows c;
    RETURN NULL;
END
$$;

DROP TRIGGER tumour_logged ON users.tumour;
CREATE TRIGGER tumour_insert_logged AFTER INSERT ON users.tumour REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION auth.log_writes('tumour');
CREATE TRIGGER tumour_update_logged AFTER UPDATE ON users.tumour REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION auth.log_writes('tumour');
CREATE TRIGGER tumour_delete_logged AFTER DELETE ON users.tumour REFERENCING OLD TABLE AS changed_rows
    FOR EACH STATEMENT WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION auth.log_writes('tumour');

DROP TRIGGER tumour_kept ON users.tumour;
DROP FUNCTION users.tumour_keep;
CREATE FUNCTION users.tumour_keep_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO users.tumour_version (id, version, kind, changed_by, changed_by_role, valid_from, valid_until, record)
    SELECT o.id, o.version, users.person_kind(o.version), o.changed_by, o.changed_by_role, o.updated_at, n.updated_at,
           ROW (o.*)::users.tumour
      FROM old_rows o JOIN new_rows n ON n.id = o.id;
    RETURN NULL;
END
$$;
CREATE FUNCTION users.tumour_keep_removed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO users.tumour_version (id, version, kind, changed_by, changed_by_role, valid_from, valid_until, record)
    SELECT o.id, v.version, v.kind, v.changed_by, v.changed_by_role, v.valid_from, v.valid_until,
           ROW (o.*)::users.tumour
      FROM old_rows o
     CROSS JOIN LATERAL (SELECT greatest(now(), o.updated_at + interval '1 microsecond')) e (ended)
     CROSS JOIN LATERAL (VALUES
        (o.version, users.person_kind(o.version), o.changed_by, o.changed_by_role, o.updated_at, e.ended),
        (o.version + 1, 'removed', shared.acting_account(), shared.acting_role(), e.ended, NULL))
           v (version, kind, changed_by, changed_by_role, valid_from, valid_until);
    RETURN NULL;
END
$$;
CREATE TRIGGER tumour_change_kept AFTER UPDATE ON users.tumour REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.tumour_keep_changed();
CREATE TRIGGER tumour_removal_kept AFTER DELETE ON users.tumour REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.tumour_keep_removed();

REVOKE ALL ON FUNCTION auth.log_writes, users.tumour_keep_changed, users.tumour_keep_removed FROM PUBLIC;

COMMIT;
