-- Deploy mnemos:users/tumour_import_expiry to pg
--
-- Imports that were never committed are taken away by the service, and not by whoever sends the next file: their rows
-- are somebody's data, however long nobody comes.
BEGIN;

CREATE INDEX tumour_import_by_expiry ON users.tumour_import (expires_at) WHERE expires_at IS NOT NULL;

-- Up to so many staged rows of one import, and with the last of them the import itself; how much has gone. An import
-- that somebody else has in hand is left to them. The table may have been small when the plan was made.
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
