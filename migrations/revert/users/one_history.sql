-- Revert mnemos:users/one_history from pg
BEGIN;

DROP TRIGGER person_change_kept ON users.person;
DROP TRIGGER person_removal_kept ON users.person;
DROP TRIGGER person_history_truncated ON users.person;
DROP TRIGGER assessment_change_kept ON users.assessment;
DROP TRIGGER assessment_removal_kept ON users.assessment;
DROP TRIGGER assessment_truncated ON users.assessment;
DROP TRIGGER tumour_change_kept ON users.tumour;
DROP TRIGGER tumour_removal_kept ON users.tumour;
DROP TRIGGER tumour_truncated ON users.tumour;
DROP FUNCTION users.history_keep, users.history_truncated, users.person_change_kept, users.person_removal_kept,
    users.assessment_change_kept, users.assessment_removal_kept, users.tumour_change_kept, users.tumour_removal_kept;

CREATE FUNCTION users.person_keep() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended timestamptz := CASE TG_OP WHEN 'UPDATE' THEN NEW.updated_at
                              ELSE greatest(now(), OLD.updated_at + interval '1 microsecond') END;
BEGIN
    INSERT INTO users.person_version (id, version, kind, name, status, specialty, birth_date, birth_date_estimated, mmse,
        caregiver_id, created_at, changed_by, changed_by_role, valid_from, valid_until, sex, schooling_years)
    SELECT OLD.id, v.version, v.kind, OLD.name, OLD.status, OLD.specialty, OLD.birth_date, OLD.birth_date_estimated,
           OLD.mmse, OLD.caregiver_id, OLD.created_at, v.changed_by, v.changed_by_role, v.valid_from, v.valid_until,
           OLD.sex, OLD.schooling_years
      FROM (VALUES (OLD.version, users.person_kind(OLD.version), OLD.changed_by, OLD.changed_by_role, OLD.updated_at, ended),
                   (OLD.version + 1, 'removed', shared.acting_account(), shared.acting_role(), ended, NULL))
           v (version, kind, changed_by, changed_by_role, valid_from, valid_until)
     WHERE v.kind <> 'removed' OR TG_OP = 'DELETE';
    RETURN NULL;
END
$$;
CREATE TRIGGER person_kept AFTER UPDATE OR DELETE ON users.person
    FOR EACH ROW EXECUTE FUNCTION users.person_keep();

CREATE FUNCTION users.person_history_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    TRUNCATE users.person_version;
    RETURN NULL;
END
$$;
CREATE TRIGGER person_history_truncated AFTER TRUNCATE ON users.person
    FOR EACH STATEMENT EXECUTE FUNCTION users.person_history_truncated();

CREATE FUNCTION users.assessment_keep() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended timestamptz := CASE TG_OP WHEN 'UPDATE' THEN NEW.updated_at
                              ELSE greatest(now(), OLD.updated_at + interval '1 microsecond') END;
BEGIN
    INSERT INTO users.assessment_version VALUES (OLD.id, OLD.version, users.person_kind(OLD.version), OLD.changed_by,
                                                 OLD.changed_by_role, OLD.updated_at, ended, OLD);
    IF TG_OP = 'DELETE' THEN
        INSERT INTO users.assessment_version VALUES (OLD.id, OLD.version + 1, 'removed', shared.acting_account(),
                                                     shared.acting_role(), ended, NULL, OLD);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER assessment_kept AFTER UPDATE OR DELETE ON users.assessment
    FOR EACH ROW EXECUTE FUNCTION users.assessment_keep();

CREATE FUNCTION users.assessment_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    TRUNCATE users.assessment_version;
    RETURN NULL;
END
$$;
CREATE TRIGGER assessment_truncated AFTER TRUNCATE ON users.assessment
    FOR EACH STATEMENT EXECUTE FUNCTION users.assessment_truncated();

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
CREATE TRIGGER tumour_change_kept AFTER UPDATE ON users.tumour REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.tumour_keep_changed();

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
CREATE TRIGGER tumour_removal_kept AFTER DELETE ON users.tumour REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.tumour_keep_removed();

CREATE FUNCTION users.tumour_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    TRUNCATE users.tumour_version, users.tumour_treatment_version;
    RETURN NULL;
END
$$;
CREATE TRIGGER tumour_truncated AFTER TRUNCATE ON users.tumour
    FOR EACH STATEMENT EXECUTE FUNCTION users.tumour_truncated();

REVOKE ALL ON FUNCTION users.person_keep, users.person_history_truncated, users.assessment_keep, users.assessment_truncated,
    users.tumour_keep_changed, users.tumour_keep_removed, users.tumour_truncated FROM PUBLIC;

COMMIT;
