-- Deploy mnemos:auth/failed_login to pg
BEGIN;

-- Who logs in wrongly waits longer and longer. The key is a keyed hash of the name that was given and the network it
-- came from: what people type as a name is sometimes their password. Rows that are an hour old count for nothing.
CREATE TABLE auth.failed_login (
    key       bytea PRIMARY KEY,
    failures  integer NOT NULL DEFAULT 1,
    failed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX failed_login_by_age ON auth.failed_login (failed_at);

-- Seconds still to wait: nothing after the first five, then 1, 2, 4, ... up to five minutes.
CREATE FUNCTION auth.login_wait(failures integer, failed_at timestamptz) RETURNS integer LANGUAGE sql STABLE
    RETURN CASE WHEN failures <= 5 THEN 0
                ELSE greatest(0, ceil(extract(epoch FROM failed_at - now()) + least(2 ^ least(failures - 6, 20), 300)))::integer
           END;

REVOKE ALL ON FUNCTION auth.login_wait FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.login_wait TO mnemos_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.failed_login TO mnemos_auth;

COMMIT;
