-- Deploy mnemos:auth/refresh to pg
BEGIN;

-- A session's tokens come in generations. expires_at is when the session ends whatever happens; no access token of it
-- lives longer.
ALTER TABLE auth.session
    ADD COLUMN generation integer NOT NULL DEFAULT 0,
    ADD COLUMN rotated_at timestamptz NOT NULL DEFAULT now();

-- Used ones are kept until the session would have ended: who brings one again has stolen it, or was stolen from.
CREATE TABLE auth.refresh_token (
    hash       bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES auth.session ON DELETE CASCADE,
    generation integer NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX refresh_token_of_session ON auth.refresh_token (session_id, generation);
CREATE INDEX refresh_token_by_end ON auth.refresh_token (expires_at);

-- The successor of a refresh token: no row when the token is not a current one. For 30 seconds the one before is taken,
-- too, and gives another token of the same generation: the reply may have been lost, or two windows asked at once. Any
-- older one ends the session.
CREATE FUNCTION auth.rotate_refresh_token(given bytea, successor bytea)
    RETURNS TABLE (session_id uuid, account_id uuid, ends bigint, reused boolean) LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    brought auth.refresh_token;
    s auth.session;
BEGIN
    SELECT * INTO brought FROM auth.refresh_token t WHERE t.hash = given;
    SELECT * INTO s FROM auth.session x
     WHERE x.id = brought.session_id AND x.ended_at IS NULL AND x.expires_at > now() AND x.account_id IS NOT NULL
       FOR UPDATE;
    IF s.id IS NULL THEN
        RETURN;
    END IF;
    reused := brought.generation < s.generation - 1
              OR (brought.generation < s.generation AND s.rotated_at < now() - interval '30 seconds');
    IF reused THEN
        UPDATE auth.session x SET ended_at = now() WHERE x.id = s.id;
    ELSIF brought.generation = s.generation THEN
        s.generation := s.generation + 1;
        UPDATE auth.session x SET generation = s.generation, rotated_at = now() WHERE x.id = s.id;
    END IF;
    IF NOT reused THEN
        INSERT INTO auth.refresh_token VALUES (successor, s.id, s.generation, s.expires_at);
    END IF;
    RETURN QUERY SELECT s.id, s.account_id, floor(extract(epoch FROM s.expires_at))::bigint, reused;
END
$$;

REVOKE ALL ON FUNCTION auth.rotate_refresh_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.rotate_refresh_token TO mnemos_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.refresh_token TO mnemos_auth;

COMMIT;
