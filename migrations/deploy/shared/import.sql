-- Deploy mnemos:shared/import to pg
--
-- Imports of every kind and service are kept here: the file, what each of its rows would write, and what is wrong with it.
-- Those of tumours move here. A service sees its own.
BEGIN;

ALTER TABLE users.tumour_import SET SCHEMA shared;
ALTER TABLE users.tumour_import_error SET SCHEMA shared;
ALTER TABLE shared.tumour_import RENAME TO import;
ALTER TABLE shared.tumour_import_error RENAME TO import_error;
ALTER INDEX shared.tumour_import_by_time RENAME TO import_by_time;
ALTER INDEX shared.tumour_import_by_expiry RENAME TO import_by_expiry;

ALTER TABLE shared.import ALTER COLUMN legend DROP NOT NULL,
    ADD COLUMN digest  text CHECK (digest ~ '^[0-9a-f]{64}$'), -- of the file, of what it would do and what that rests on
    ADD COLUMN kind    text NOT NULL DEFAULT 'tumour',
    ADD COLUMN service text NOT NULL DEFAULT 'mnemos_users';
ALTER TABLE shared.import ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN service SET DEFAULT session_user;
ALTER TABLE shared.import_error ADD COLUMN service text NOT NULL DEFAULT 'mnemos_users';
ALTER TABLE shared.import_error ALTER COLUMN service SET DEFAULT session_user;

-- A record as it is going to be, with the id and version of the one that changes, by the names of its members.
CREATE TABLE shared.import_row (
    import_id uuid NOT NULL REFERENCES shared.import ON DELETE CASCADE,
    line      integer NOT NULL,
    record    jsonb NOT NULL,
    service   text NOT NULL DEFAULT session_user,
    PRIMARY KEY (import_id, line)
);
INSERT INTO shared.import_row
SELECT s.import_id, s.line, to_jsonb(s) - 'import_id' - 'line', 'mnemos_users' FROM users.tumour_staged s;
DROP TABLE users.tumour_staged;

-- The second wall: those who may write what is imported.
DROP POLICY keep ON shared.import;
DROP POLICY keep ON shared.import_error;
ALTER TABLE shared.import_row ENABLE ROW LEVEL SECURITY;
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['import', 'import_row', 'import_error'] LOOP
        EXECUTE format('CREATE POLICY keep ON shared.%I FOR ALL USING (service = session_user AND ((SELECT shared.acting_role())'
                       ' IN (''healthpro'', ''admin'', ''superuser'') OR (SELECT shared.acting_scope(''people:write''))))', kept);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, DELETE ON shared.import_row TO mnemos_users;

-- One entry for the file, besides those of the records that it makes and changes.
CREATE FUNCTION shared.import_logged() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    object text := coalesce(NEW.kind, OLD.kind) || '_import';
BEGIN
    INSERT INTO auth.access_log (subject_id, object, outcome, action)
    VALUES (NULL, object, 'written', coalesce(shared.acting_request(1), object || '.' || lower(TG_OP)));
    RETURN NULL;
END
$$;
DROP TRIGGER tumour_import_logged ON shared.import;
CREATE TRIGGER import_logged AFTER INSERT OR DELETE OR UPDATE OF state ON shared.import
    FOR EACH ROW WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION shared.import_logged();

-- Up to so many rows of one import that was never committed, and with the last of them the import itself; how much has
-- gone. An import that somebody else has in hand is left to them. The table may have been small when the plan was made.
CREATE FUNCTION shared.import_expire(at_most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    expired uuid;
    gone    bigint;
BEGIN
    SELECT i.id INTO expired FROM shared.import i WHERE i.expires_at <= now()
     ORDER BY i.expires_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    DELETE FROM shared.import_row r
     WHERE r.import_id = expired
       AND r.line IN (SELECT o.line FROM shared.import_row o WHERE o.import_id = expired LIMIT at_most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone < at_most THEN
        DELETE FROM shared.import i WHERE i.id = expired;
        gone := gone + 1;
    END IF;
    RETURN gone;
END
$$;
DROP FUNCTION users.tumour_import_expire;

REVOKE ALL ON FUNCTION shared.import_logged, shared.import_expire FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shared.import_expire TO mnemos_users;

COMMIT;
