-- Revert mnemos:shared/import from pg
BEGIN;

DELETE FROM shared.import WHERE kind <> 'tumour';
DROP TRIGGER import_logged ON shared.import;
DROP FUNCTION shared.import_logged, shared.import_expire;
DROP POLICY keep ON shared.import;
DROP POLICY keep ON shared.import_error;
ALTER TABLE shared.import DROP COLUMN kind, DROP COLUMN service, DROP COLUMN digest, ALTER COLUMN legend SET NOT NULL;
ALTER TABLE shared.import_error DROP COLUMN service;
ALTER INDEX shared.import_by_time RENAME TO tumour_import_by_time;
ALTER INDEX shared.import_by_expiry RENAME TO tumour_import_by_expiry;
ALTER TABLE shared.import RENAME TO tumour_import;
ALTER TABLE shared.import_error RENAME TO tumour_import_error;
ALTER TABLE shared.tumour_import SET SCHEMA users;
ALTER TABLE shared.tumour_import_error SET SCHEMA users;

CREATE TABLE users.tumour_staged (LIKE users.tumour);
ALTER TABLE users.tumour_staged
    DROP COLUMN id, DROP COLUMN name_key, DROP COLUMN created_at, DROP COLUMN updated_at, DROP COLUMN changed_by,
    DROP COLUMN changed_by_role,
    ALTER COLUMN version DROP NOT NULL,
    ADD COLUMN import_id uuid NOT NULL REFERENCES users.tumour_import ON DELETE CASCADE,
    ADD COLUMN line      integer NOT NULL,
    ADD COLUMN tumour_id uuid,
    ADD PRIMARY KEY (import_id, line),
    ADD CONSTRAINT tumour_staged_version CHECK ((tumour_id IS NULL) = (version IS NULL));
INSERT INTO users.tumour_staged
SELECT (jsonb_populate_record(NULL::users.tumour_staged,
                              r.record || jsonb_build_object('import_id', r.import_id, 'line', r.line))).*
  FROM shared.import_row r;
DROP TABLE shared.import_row;

DO $$
DECLARE
    staging text;
BEGIN
    ALTER TABLE users.tumour_staged ENABLE ROW LEVEL SECURITY;
    FOREACH staging IN ARRAY ARRAY['tumour_import', 'tumour_staged', 'tumour_import_error'] LOOP
        EXECUTE format('CREATE POLICY keep ON users.%I FOR ALL USING ((SELECT shared.acting_role())'
                       ' IN (''healthpro'', ''admin'', ''superuser'') OR (SELECT shared.acting_scope(''people:write'')))',
                       staging);
    END LOOP;
END
$$;
CREATE TRIGGER tumour_import_logged AFTER INSERT OR DELETE OR UPDATE OF state ON users.tumour_import
    FOR EACH STATEMENT WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION auth.log_write('tumour_import');
GRANT SELECT, INSERT, DELETE ON users.tumour_staged TO mnemos_users;

CREATE FUNCTION users.tumour_import_expire(at_most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    expired uuid;
    gone    bigint;
BEGIN
    SELECT i.id INTO expired FROM users.tumour_import i WHERE i.expires_at <= now()
     ORDER BY i.expires_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    DELETE FROM users.tumour_staged s
     WHERE s.import_id = expired
       AND s.line IN (SELECT o.line FROM users.tumour_staged o WHERE o.import_id = expired LIMIT at_most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone < at_most THEN
        DELETE FROM users.tumour_import i WHERE i.id = expired;
        gone := gone + 1;
    END IF;
    RETURN gone;
END
$$;

REVOKE ALL ON FUNCTION users.tumour_import_expire FROM PUBLIC;
GRANT EXECUTE ON FUNCTION users.tumour_import_expire TO mnemos_users;

COMMIT;
