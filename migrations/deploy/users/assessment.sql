-- Deploy mnemos:users/assessment to pg
--
-- Scores of the Mini-Mental State Examination over time. The latest of a patient's assessments is the score in
-- users.person: who adds, corrects or removes an assessment changes the person where need be, and who changes the person's
-- score adds an assessment of that day. So the two agree, whichever way they were written.
BEGIN;

ALTER FUNCTION users.tumour_stamp RENAME TO record_stamp; -- it knows nothing of tumours

-- ---- what a score depends on -------------------------------------------------------------------------------------------

ALTER TABLE users.person
    ADD COLUMN sex             text CHECK (sex IN ('male', 'female', 'other', 'unknown')),
    ADD COLUMN schooling_years smallint CHECK (schooling_years BETWEEN 0 AND 30),
    DROP CONSTRAINT person_members_of_patient,
    ADD CONSTRAINT person_members_of_patient CHECK (
        CASE WHEN status = 'patient' THEN num_nonnulls(birth_date, birth_date_estimated, mmse) = 3
             ELSE num_nonnulls(birth_date, birth_date_estimated, mmse, caregiver_id, sex, schooling_years) = 0 END);
ALTER TABLE users.person_version ADD COLUMN sex text, ADD COLUMN schooling_years smallint;

CREATE OR REPLACE FUNCTION users.person_keep() RETURNS trigger
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

CREATE OR REPLACE VIEW users.person_history WITH (security_invoker) AS
    SELECT id, version, users.person_kind(version) AS kind, name, status, specialty, birth_date, birth_date_estimated,
           mmse, caregiver_id, created_at, changed_by, changed_by_role, updated_at AS valid_from,
           NULL::timestamptz AS valid_until, sex, schooling_years
      FROM users.person
     UNION ALL
    SELECT id, version, kind, name, status, specialty, birth_date, birth_date_estimated,
           mmse, caregiver_id, created_at, changed_by, changed_by_role, valid_from, valid_until, sex, schooling_years
      FROM users.person_version;

CREATE OR REPLACE VIEW users.published_person WITH (security_invoker) AS
    SELECT id, name_key, status, birth_date, mmse, sex, schooling_years FROM users.person;

GRANT INSERT (sex, schooling_years), UPDATE (sex, schooling_years) ON users.person TO mnemos_users;
GRANT SELECT (sex, schooling_years) ON users.person TO mnemos_analytics;

-- Ranks are counted among those of the same age and schooling.
DROP INDEX users.person_by_birth_date;
CREATE INDEX person_by_birth_date ON users.person (birth_date, mmse) INCLUDE (schooling_years) WHERE birth_date IS NOT NULL;

-- ---- assessments -------------------------------------------------------------------------------------------------------

-- The parts are those that a sheet sums up; of the items themselves nothing is kept.
CREATE TABLE users.assessment (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    patient_id        uuid NOT NULL REFERENCES users.person ON DELETE CASCADE,
    assessed_on       date NOT NULL CHECK (assessed_on >= '1975-01-01'), -- the year of the examination's publication
    mmse              smallint NOT NULL CHECK (mmse BETWEEN 0 AND 30),
    orientation_time  smallint CHECK (orientation_time BETWEEN 0 AND 5),
    orientation_place smallint CHECK (orientation_place BETWEEN 0 AND 5),
    registration      smallint CHECK (registration BETWEEN 0 AND 3),
    attention         smallint CHECK (attention BETWEEN 0 AND 5),
    recall            smallint CHECK (recall BETWEEN 0 AND 3),
    language          smallint CHECK (language BETWEEN 0 AND 8),
    drawing           smallint CHECK (drawing BETWEEN 0 AND 1),
    note              text CHECK (char_length(note) BETWEEN 1 AND 2000),
    number            bigint NOT NULL GENERATED ALWAYS AS IDENTITY, -- of two on one day the higher is the later
    recorded_by       uuid DEFAULT shared.acting_account(),
    recorded_by_role  text DEFAULT shared.acting_role(),
    version           bigint NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    changed_by        uuid DEFAULT shared.acting_account(),
    changed_by_role   text DEFAULT shared.acting_role()
);
CREATE INDEX assessment_of_patient ON users.assessment (patient_id, assessed_on, number);

CREATE TABLE users.assessment_version (
    id              uuid NOT NULL,
    version         bigint NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('created', 'changed', 'removed')),
    changed_by      uuid,
    changed_by_role text,
    valid_from      timestamptz NOT NULL,
    valid_until     timestamptz CHECK (valid_until > valid_from),
    record          users.assessment NOT NULL,
    CONSTRAINT assessment_version_open CHECK ((valid_until IS NULL) = (kind = 'removed')),
    PRIMARY KEY (id, valid_from, version)
);

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

CREATE FUNCTION users.assessment_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    TRUNCATE users.assessment_version;
    RETURN NULL;
END
$$;

CREATE VIEW users.assessment_history WITH (security_invoker) AS
    SELECT a.id, a.version, users.person_kind(a.version) AS kind, a.changed_by, a.changed_by_role,
           a.updated_at AS valid_from, NULL::timestamptz AS valid_until, a AS record
      FROM users.assessment a
     UNION ALL
    SELECT id, version, kind, changed_by, changed_by_role, valid_from, valid_until, record FROM users.assessment_version;

CREATE TRIGGER assessment_stamped BEFORE UPDATE ON users.assessment
    FOR EACH ROW EXECUTE FUNCTION users.record_stamp();
CREATE TRIGGER assessment_kept AFTER UPDATE OR DELETE ON users.assessment
    FOR EACH ROW EXECUTE FUNCTION users.assessment_keep();
CREATE TRIGGER assessment_truncated AFTER TRUNCATE ON users.assessment
    FOR EACH STATEMENT EXECUTE FUNCTION users.assessment_truncated();

-- The scores that there are already, each from the day on which a person's record said so first.
INSERT INTO users.assessment (patient_id, assessed_on, mmse, recorded_by, recorded_by_role, created_at, updated_at,
                              changed_by, changed_by_role)
SELECT h.id, (h.valid_from AT TIME ZONE 'UTC')::date, h.mmse, h.changed_by, h.changed_by_role, h.valid_from, h.valid_from,
       h.changed_by, h.changed_by_role
  FROM (SELECT v.*, lag(v.mmse) OVER (PARTITION BY v.id ORDER BY v.valid_from, v.version) AS before
          FROM users.person_history v JOIN users.person p ON p.id = v.id
         WHERE p.status = 'patient' AND v.kind <> 'removed' AND v.valid_from >= p.created_at) h
 WHERE h.mmse IS DISTINCT FROM h.before
 ORDER BY h.valid_from, h.version;

-- ---- assessments and the person agree ----------------------------------------------------------------------------------

CREATE FUNCTION users.latest_mmse(patient uuid) RETURNS smallint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT a.mmse FROM users.assessment a WHERE a.patient_id = patient
             ORDER BY a.assessed_on DESC, a.number DESC LIMIT 1);
END
$$;

-- The person is locked before the latest is looked for, so that of two assessments written at once both are seen by
-- whoever comes second; patients in one order, so that nobody waits in a circle. Where the person is gone, so are they.
CREATE FUNCTION users.assessment_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    patient uuid;
    latest smallint;
BEGIN
    FOR patient IN SELECT DISTINCT c.patient_id FROM changed_rows c ORDER BY 1 LOOP
        PERFORM FROM users.person p WHERE p.id = patient FOR NO KEY UPDATE;
        CONTINUE WHEN NOT FOUND;
        latest := users.latest_mmse(patient);
        IF latest IS NULL THEN
            RAISE EXCEPTION 'the only assessment of a patient' USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_only';
        END IF;
        UPDATE users.person p SET mmse = latest WHERE p.id = patient AND p.mmse <> latest;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER assessment_inserted AFTER INSERT ON users.assessment REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.assessment_changed();
CREATE TRIGGER assessment_updated AFTER UPDATE ON users.assessment REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.assessment_changed();
CREATE TRIGGER assessment_deleted AFTER DELETE ON users.assessment REFERENCING OLD TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.assessment_changed();

-- A new patient's score is the first assessment, a changed one the next. One that came from an assessment is there.
CREATE FUNCTION users.person_assessed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO users.assessment (patient_id, assessed_on, mmse)
    SELECT p.id, (now() AT TIME ZONE 'UTC')::date, p.mmse FROM new_rows p
     WHERE p.mmse IS NOT NULL AND p.mmse IS DISTINCT FROM users.latest_mmse(p.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER person_assessed_first AFTER INSERT ON users.person REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.person_assessed();
CREATE TRIGGER person_assessed_again AFTER UPDATE ON users.person REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.person_assessed();

-- ---- who sees and writes them ------------------------------------------------------------------------------------------

-- Whoever may see a person sees the assessments; professionals and administrators write them.
ALTER TABLE users.assessment ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON users.assessment FOR SELECT USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR patient_id = (SELECT shared.acting_account())
    OR (SELECT shared.acting_scope('people:read', 'people:write'))
    OR EXISTS (SELECT FROM users.person p WHERE p.id = assessment.patient_id));
CREATE POLICY make ON users.assessment FOR INSERT WITH CHECK (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('people:write')));
CREATE POLICY change ON users.assessment FOR UPDATE USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('people:write')));
CREATE POLICY remove ON users.assessment FOR DELETE USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser'));

ALTER TABLE users.assessment_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON users.assessment_version FOR SELECT USING (
    (SELECT shared.acting_role()) IN ('admin', 'superuser')
    OR EXISTS (SELECT FROM users.assessment a WHERE a.id = assessment_version.id));

-- Whose they are is the patient. What a change of the person's score brings with it is in the entry of that change.
CREATE FUNCTION users.assessment_log() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.access_log (subject_id, object, outcome)
    VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.patient_id ELSE NEW.patient_id END, 'assessment', 'written');
    RETURN NULL;
END
$$;
CREATE TRIGGER assessment_logged AFTER INSERT OR UPDATE OR DELETE ON users.assessment
    FOR EACH ROW WHEN (shared.acting_role() IS NOT NULL AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION users.assessment_log();

-- What the analytics service may know: when and what, not by whom nor why.
CREATE VIEW users.published_visit WITH (security_invoker) AS
    SELECT id, patient_id, assessed_on, mmse FROM users.assessment;

-- How a score stands among those of patients born in these days who went to school for so many years; the years NULL:
-- among those of whom that is not known. Numbers of many, whoever asks.
CREATE FUNCTION users.rank_mmse(first date, last date, fewest integer, most integer, score integer)
    RETURNS TABLE (patients bigint, below bigint, equal bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT count(*), count(*) FILTER (WHERE p.mmse < score), count(*) FILTER (WHERE p.mmse = score)
      FROM users.person p
     WHERE p.birth_date BETWEEN first AND last
       AND (p.schooling_years BETWEEN fewest AND most OR (fewest IS NULL AND p.schooling_years IS NULL));
END
$$;

REVOKE ALL ON FUNCTION users.assessment_truncated, users.assessment_keep, users.latest_mmse, users.assessment_changed,
    users.person_assessed, users.assessment_log, users.rank_mmse FROM PUBLIC;
GRANT SELECT, DELETE ON users.assessment TO mnemos_users;
GRANT INSERT (id, patient_id, assessed_on, mmse, orientation_time, orientation_place, registration, attention, recall,
              language, drawing, note),
      UPDATE (assessed_on, mmse, orientation_time, orientation_place, registration, attention, recall, language, drawing,
              note) ON users.assessment TO mnemos_users;
GRANT SELECT ON users.assessment_version, users.assessment_history TO mnemos_users;
GRANT EXECUTE ON FUNCTION users.rank_mmse TO mnemos_users;
GRANT SELECT ON users.published_visit TO mnemos_analytics;
GRANT SELECT (id, patient_id, assessed_on, mmse) ON users.assessment TO mnemos_analytics;

COMMIT;
