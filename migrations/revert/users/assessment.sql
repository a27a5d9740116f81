-- Revert mnemos:users/assessment from pg
BEGIN;

DROP FUNCTION users.rank_mmse;
DROP VIEW users.published_visit, users.assessment_history;
DROP TRIGGER person_assessed_first ON users.person;
DROP TRIGGER person_assessed_again ON users.person;
DROP TABLE users.assessment_version, users.assessment;
DROP FUNCTION users.person_assessed, users.assessment_changed, users.assessment_log, users.assessment_keep, users.assessment_truncated, users.latest_mmse;

DROP INDEX users.person_by_birth_date;
CREATE INDEX person_by_birth_date ON users.person (birth_date, mmse) WHERE birth_date IS NOT NULL;

DROP VIEW users.published_person;
CREATE VIEW users.published_person WITH (security_invoker) AS
    SELECT id, name_key, status, birth_date, mmse FROM users.person;
GRANT SELECT ON users.published_person TO mnemos_analytics;

CREATE OR REPLACE FUNCTION users.person_keep() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended timestamptz := CASE TG_OP WHEN 'UPDATE' THEN NEW.updated_at
                              ELSE greatest(now(), OLD.updated_at + interval '1 microsecond') END;
BEGIN
    INSERT INTO users.person_version (id, version, kind, name, status, specialty, birth_date, birth_date_estimated, mmse,
        caregiver_id, created_at, changed_by, changed_by_role, valid_from, valid_until)
    SELECT OLD.id, v.version, v.kind, OLD.name, OLD.status, OLD.specialty, OLD.birth_date, OLD.birth_date_estimated,
           OLD.mmse, OLD.caregiver_id, OLD.created_at, v.changed_by, v.changed_by_role, v.valid_from, v.valid_until
      FROM (VALUES (OLD.version, users.person_kind(OLD.version), OLD.changed_by, OLD.changed_by_role, OLD.updated_at, ended),
                   (OLD.version + 1, 'removed', shared.acting_account(), shared.acting_role(), ended, NULL))
           v (version, kind, changed_by, changed_by_role, valid_from, valid_until)
     WHERE v.kind <> 'removed' OR TG_OP = 'DELETE';
    RETURN NULL;
END
$$;

DROP VIEW users.person_history;
CREATE VIEW users.person_history WITH (security_invoker) AS
    SELECT id, version, users.person_kind(version) AS kind, name, status, specialty, birth_date, birth_date_estimated,
           mmse, caregiver_id, created_at, changed_by, changed_by_role, updated_at AS valid_from,
           NULL::timestamptz AS valid_until
      FROM users.person
     UNION ALL
    SELECT id, version, kind, name, status, specialty, birth_date, birth_date_estimated,
           mmse, caregiver_id, created_at, changed_by, changed_by_role, valid_from, valid_until
      FROM users.person_version;
GRANT SELECT ON users.person_history TO mnemos_users;
ALTER TABLE users.person_version DROP COLUMN sex, DROP COLUMN schooling_years;
ALTER TABLE users.person
    DROP CONSTRAINT person_members_of_patient,
    DROP COLUMN sex,
    DROP COLUMN schooling_years,
    ADD CONSTRAINT person_members_of_patient CHECK (
        CASE WHEN status = 'patient' THEN num_nonnulls(birth_date, birth_date_estimated, mmse) = 3
             ELSE num_nonnulls(birth_date, birth_date_estimated, mmse, caregiver_id) = 0 END);

ALTER FUNCTION users.record_stamp RENAME TO tumour_stamp;

COMMIT;
