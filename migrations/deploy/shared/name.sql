-- Deploy mnemos:shared/name to pg
BEGIN;

CREATE SCHEMA shared;
GRANT USAGE ON SCHEMA shared TO PUBLIC;

-- Two names are the same when only case or the composition of letters differs. ICU's root locale, so that the answer
-- does not depend on how the database cluster was initialised.
CREATE FUNCTION shared.name_key(name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(normalize(name, NFKC) COLLATE "und-x-icu") COLLATE "C";

-- Readiness of a service includes that the migration it was written for has been applied.
GRANT USAGE ON SCHEMA sqitch TO mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;
GRANT SELECT (project, change) ON sqitch.changes TO mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;

COMMIT;
