-- Deploy mnemos:users/history to pg
--
-- Every version of a person's record: what it said, from when until when, and who made it. The version that holds is the
-- row of users.person itself; what it was before is kept here, by the transaction that changes or removes it. So a
-- person who was never changed costs nothing.
--
-- A version holds from the beginning of the transaction that made it, up to and without the beginning of the next. Where
-- that would not be later than the version before (two changes in one transaction, or one that waited for another that
-- had begun after it) it is one microsecond later, so that no version is empty and no two overlap.
BEGIN;

-- Who made the version that holds. NULL: an operator, or nobody knows, because it is older than the history.
ALTER TABLE users.person
    ADD COLUMN changed_by      uuid DEFAULT shared.acting_account(),
    ADD COLUMN changed_by_role text DEFAULT shared.acting_role();

-- No key of the person's: what is kept of somebody who was removed stands in nobody's way. Who was removed can come back
-- with the same id (mnemosctl generate), and then the versions begin with 1 again.
CREATE TABLE users.person_version (
    id                   uuid NOT NULL,
    version              bigint NOT NULL,
    kind                 text NOT NULL CHECK (kind IN ('created', 'changed', 'removed')),
    name                 text NOT NULL,
    status               text NOT NULL,
    specialty            text,
    birth_date           date,
    birth_date_estimated boolean,
    mmse                 smallint,
    caregiver_id         uuid,
    created_at           timestamptz NOT NULL,
    changed_by           uuid,
    changed_by_role      text,
    valid_from           timestamptz NOT NULL,
    valid_until          timestamptz CHECK (valid_until > valid_from),
    CONSTRAINT person_version_open CHECK ((valid_until IS NULL) = (kind = 'removed')),
    PRIMARY KEY (id, valid_from, version)
);

-- What a service says of version and time does not count.
CREATE FUNCTION users.person_stamp() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := greatest(now(), OLD.updated_at + interval '1 microsecond');
    NEW.changed_by := shared.acting_account();
    NEW.changed_by_role := shared.acting_role();
    RETURN NEW;
END
$$;
CREATE TRIGGER person_stamped BEFORE UPDATE ON users.person
    FOR EACH ROW EXECUTE FUNCTION users.person_stamp();

CREATE FUNCTION users.person_kind(version bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE version WHEN 1 THEN 'created' ELSE 'changed' END;

-- A removal is one more version, which says what was removed and holds for ever.
CREATE FUNCTION users.person_keep() RETURNS trigger
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
CREATE TRIGGER person_kept AFTER UPDATE OR DELETE ON users.person
    FOR EACH ROW EXECUTE FUNCTION users.person_keep();

-- mnemosctl rebuild: other people, another history.
CREATE FUNCTION users.person_history_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    TRUNCATE users.person_version;
    RETURN NULL;
END
$$;
CREATE TRIGGER person_history_truncated AFTER TRUNCATE ON users.person
    FOR EACH STATEMENT EXECUTE FUNCTION users.person_history_truncated();

-- Whoever may see a person now sees what the record was before, and administrators also that of those who were removed.
ALTER TABLE users.person_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON users.person_version FOR SELECT USING (
    (SELECT shared.acting_role()) IN ('admin', 'superuser')
    OR EXISTS (SELECT FROM users.person p WHERE p.id = person_version.id));

CREATE VIEW users.person_history WITH (security_invoker) AS
    SELECT id, version, users.person_kind(version) AS kind, name, status, specialty, birth_date, birth_date_estimated,
           mmse, caregiver_id, created_at, changed_by, changed_by_role, updated_at AS valid_from,
           NULL::timestamptz AS valid_until
      FROM users.person
     UNION ALL
    SELECT id, version, kind, name, status, specialty, birth_date, birth_date_estimated,
           mmse, caregiver_id, created_at, changed_by, changed_by_role, valid_from, valid_until
      FROM users.person_version;

REVOKE ALL ON FUNCTION users.person_stamp, users.person_keep, users.person_history_truncated FROM PUBLIC;
GRANT SELECT ON users.person_version, users.person_history TO mnemos_users;

COMMIT;
