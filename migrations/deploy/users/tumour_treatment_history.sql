-- Deploy mnemos:users/tumour_treatment_history to pg
--
-- The treatments before the current one have a history, too: from when until when each stood in the list. These times are
-- those of the versions of the record, which changes with its list.
BEGIN;

ALTER TABLE users.tumour_treatment ADD COLUMN added_at timestamptz NOT NULL DEFAULT now();

CREATE TABLE users.tumour_treatment_version (
    tumour_id     uuid NOT NULL,
    number        smallint NOT NULL,
    treatment     text NOT NULL,
    treated_from  date,
    treated_until date,
    added_at      timestamptz NOT NULL,
    removed_at    timestamptz NOT NULL CHECK (removed_at > added_at)
);
CREATE INDEX tumour_treatment_version_of_tumour ON users.tumour_treatment_version (tumour_id, removed_at);

-- The list is written after the record, in the same transaction.
CREATE FUNCTION users.tumour_treatment_stamp() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.added_at := (SELECT t.updated_at FROM users.tumour t WHERE t.id = NEW.tumour_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER tumour_treatment_stamped BEFORE INSERT ON users.tumour_treatment
    FOR EACH ROW EXECUTE FUNCTION users.tumour_treatment_stamp();

-- What came and went with one version of the record was never in the list. With the record goes its list.
CREATE FUNCTION users.tumour_treatment_keep() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO users.tumour_treatment_version
    SELECT o.tumour_id, o.number, o.treatment, o.treated_from, o.treated_until, o.added_at,
           coalesce(t.updated_at, greatest(now(), o.added_at + interval '1 microsecond'))
      FROM old_rows o LEFT JOIN users.tumour t ON t.id = o.tumour_id
     WHERE t.updated_at IS NULL OR o.added_at < t.updated_at;
    RETURN NULL;
END
$$;
CREATE TRIGGER tumour_treatment_kept AFTER DELETE ON users.tumour_treatment REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.tumour_treatment_keep();

CREATE OR REPLACE FUNCTION users.tumour_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    TRUNCATE users.tumour_version, users.tumour_treatment_version;
    RETURN NULL;
END
$$;

-- As before, and the record comes first.
CREATE OR REPLACE FUNCTION users.accept_treatment(tumour uuid, accepted text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before users.tumour;
BEGIN
    IF NOT (coalesce(shared.acting_role() IN ('healthpro', 'admin', 'superuser'), false)
            OR shared.acting_scope('people:write'))
       OR NOT EXISTS (SELECT FROM users.treatment c WHERE c.code = accepted AND c.active) THEN
        RETURN false;
    END IF;
    SELECT * INTO before FROM users.tumour t WHERE t.id = tumour FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE users.tumour t SET treatment = accepted, treated_from = current_date, treated_until = NULL
     WHERE t.id = tumour AND t.treatment IS DISTINCT FROM accepted;
    IF before.treatment <> accepted THEN
        INSERT INTO users.tumour_treatment (tumour_id, number, treatment, treated_from, treated_until)
        SELECT tumour, 1 + count(*), before.treatment, before.treated_from,
               greatest(before.treated_from, least(before.treated_until, current_date))
          FROM users.tumour_treatment e WHERE e.tumour_id = tumour;
    END IF;
    RETURN true;
END
$$;

ALTER TABLE users.tumour_treatment_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON users.tumour_treatment_version FOR SELECT USING (
    (SELECT shared.acting_role()) IN ('admin', 'superuser')
    OR EXISTS (SELECT FROM users.tumour t WHERE t.id = tumour_treatment_version.tumour_id));

REVOKE ALL ON FUNCTION users.tumour_treatment_stamp, users.tumour_treatment_keep FROM PUBLIC;
GRANT SELECT ON users.tumour_treatment_version TO mnemos_users;

COMMIT;
