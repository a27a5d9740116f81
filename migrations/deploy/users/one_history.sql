-- Deploy mnemos:users/one_history to pg
--
-- People, assessments and tumours keep their versions by one function. It is told the columns that a version has of the
-- record; of none it is the row as a whole, as "record". Versions are written once for each statement, as those of tumours
-- have been. What is kept and from when until when is as before (users/history).
BEGIN;

CREATE FUNCTION users.history_keep() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    columns text := coalesce(TG_ARGV[0], 'record');
    members text := coalesce('o.' || replace(TG_ARGV[0], ', ', ', o.'), format('ROW (o.*)::users.%I', TG_TABLE_NAME));
    next    text := CASE TG_OP
                    WHEN 'UPDATE' THEN 'JOIN new_rows n ON n.id = o.id AND n.version = o.version + 1'
                    ELSE 'CROSS JOIN LATERAL (SELECT greatest(now(), o.updated_at + interval ''1 microsecond'')) n (updated_at)'
                    END;
BEGIN
    EXECUTE format($sql$
        INSERT INTO users.%I (id, version, kind, changed_by, changed_by_role, valid_from, valid_until, %s)
        SELECT o.id, v.version, v.kind, v.changed_by, v.changed_by_role, v.valid_from, v.valid_until, %s
          FROM old_rows o %s
         CROSS JOIN LATERAL (VALUES
            (o.version, users.person_kind(o.version), o.changed_by, o.changed_by_role, o.updated_at, n.updated_at),
            (o.version + 1, 'removed', shared.acting_account(), shared.acting_role(), n.updated_at, NULL))
               v (version, kind, changed_by, changed_by_role, valid_from, valid_until)
         WHERE v.kind <> 'removed' OR $1$sql$, TG_TABLE_NAME || '_version', columns, members, next)
    USING TG_OP = 'DELETE';
    RETURN NULL;
END
$$;

-- mnemosctl rebuild: other people, another history. The tables are named by the trigger.
CREATE FUNCTION users.history_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE 'TRUNCATE ' || TG_ARGV[0];
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION users.history_keep, users.history_truncated FROM PUBLIC;

DROP TRIGGER person_kept ON users.person;
DROP TRIGGER person_history_truncated ON users.person;
DROP TRIGGER assessment_kept ON users.assessment;
DROP TRIGGER assessment_truncated ON users.assessment;
DROP TRIGGER tumour_change_kept ON users.tumour;
DROP TRIGGER tumour_removal_kept ON users.tumour;
DROP TRIGGER tumour_truncated ON users.tumour;
DROP FUNCTION users.person_keep, users.person_history_truncated, users.assessment_keep, users.assessment_truncated,
    users.tumour_keep_changed, users.tumour_keep_removed, users.tumour_truncated;

CREATE TRIGGER person_change_kept AFTER UPDATE ON users.person REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_keep('name, status, specialty, birth_date, birth_date_estimated, mmse, caregiver_id, created_at, sex, schooling_years');
CREATE TRIGGER person_removal_kept AFTER DELETE ON users.person REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_keep('name, status, specialty, birth_date, birth_date_estimated, mmse, caregiver_id, created_at, sex, schooling_years');
CREATE TRIGGER person_history_truncated AFTER TRUNCATE ON users.person
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_truncated('users.person_version');

CREATE TRIGGER assessment_change_kept AFTER UPDATE ON users.assessment
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_keep();
CREATE TRIGGER assessment_removal_kept AFTER DELETE ON users.assessment REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_keep();
CREATE TRIGGER assessment_truncated AFTER TRUNCATE ON users.assessment
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_truncated('users.assessment_version');

CREATE TRIGGER tumour_change_kept AFTER UPDATE ON users.tumour REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_keep();
CREATE TRIGGER tumour_removal_kept AFTER DELETE ON users.tumour REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_keep();
CREATE TRIGGER tumour_truncated AFTER TRUNCATE ON users.tumour
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_truncated('users.tumour_version, users.tumour_treatment_version');

COMMIT;
