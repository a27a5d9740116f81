-- Deploy mnemos:auth/session_use to pg
BEGIN;

-- What people recognise their sessions by. A session is used when it is opened and when it is refreshed; requests in
-- between write nothing.
ALTER TABLE auth.session
    ADD COLUMN device  text CHECK (char_length(device) <= 200),
    ADD COLUMN address inet,
    ADD COLUMN used_at timestamptz;
UPDATE auth.session SET used_at = rotated_at;
ALTER TABLE auth.session ALTER COLUMN used_at SET NOT NULL, ALTER COLUMN used_at SET DEFAULT now();

CREATE INDEX session_by_expiry ON auth.session (expires_at);
CREATE INDEX session_by_end ON auth.session (ended_at) WHERE ended_at IS NOT NULL;

-- Opening and refreshing happen before it is known who asks, so these act as the owner of the tables.
--
-- Each session that is opened takes some away that are over, with their refresh tokens: an hour after the last access
-- token of theirs has expired, so that a clock that is late revives none. No access token outlives its session, nor a day.
CREATE FUNCTION auth.open_session(id uuid, account uuid, version bigint, ends bigint, refresh_hash bytea, device text,
                                  address inet) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- The lock waits for a change that is on its way and lets none come between the look and the insertion.
    PERFORM FROM auth.account a WHERE a.id = account AND a.version = open_session.version FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO auth.session (id, account_id, expires_at, device, address)
    VALUES (open_session.id, account, to_timestamp(ends), open_session.device, open_session.address);
    INSERT INTO auth.refresh_token (hash, session_id, generation, expires_at)
    VALUES (refresh_hash, open_session.id, 0, to_timestamp(ends));

    DELETE FROM auth.session s
     USING (SELECT o.id FROM auth.session o WHERE o.expires_at < now() - interval '1 hour'
             ORDER BY o.expires_at LIMIT 10 FOR UPDATE SKIP LOCKED) expired
     WHERE s.id = expired.id;
    DELETE FROM auth.session s
     USING (SELECT o.id FROM auth.session o WHERE o.ended_at < now() - interval '25 hours'
             ORDER BY o.ended_at LIMIT 10 FOR UPDATE SKIP LOCKED) ended
     WHERE s.id = ended.id;
    DELETE FROM auth.refresh_token t
     USING (SELECT o.hash FROM auth.refresh_token o WHERE o.expires_at < now()
             ORDER BY o.expires_at LIMIT 100 FOR UPDATE SKIP LOCKED) old
     WHERE t.hash = old.hash;
    RETURN true;
END
$$;

-- The successor of a refresh token: no row when the token is not a current one. For 30 seconds the one before is taken,
-- too, and gives another token of the same generation: the reply may have been lost, or two windows asked at once. Any
-- older one ends the session.
CREATE FUNCTION auth.refresh_session(given bytea, successor bytea, device text, address inet)
    RETURNS TABLE (session_id uuid, account_id uuid, ends bigint, reused boolean) LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
    ELSE
        IF brought.generation = s.generation THEN
            s.generation := s.generation + 1;
            s.rotated_at := now();
        END IF;
        UPDATE auth.session x
           SET generation = s.generation, rotated_at = s.rotated_at, used_at = now(),
               device = coalesce(refresh_session.device, x.device),
               address = coalesce(refresh_session.address, x.address)
         WHERE x.id = s.id;
        INSERT INTO auth.refresh_token VALUES (successor, s.id, s.generation, s.expires_at);
    END IF;
    RETURN QUERY SELECT s.id, s.account_id, floor(extract(epoch FROM s.expires_at))::bigint, reused;
END
$$;

-- For services of before, while they are being replaced.
CREATE OR REPLACE FUNCTION auth.rotate_refresh_token(given bytea, successor bytea)
    RETURNS TABLE (session_id uuid, account_id uuid, ends bigint, reused boolean) LANGUAGE sql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT * FROM auth.refresh_session(given, successor, NULL, NULL);
$$;

-- Whose name it is that somebody logs in with, whose session it is that goes on, and the same password hashed anew.
CREATE FUNCTION auth.account_of_name(given text) RETURNS SETOF auth.account LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT * FROM auth.account a WHERE a.name_key = shared.name_key(given);
$$;
CREATE FUNCTION auth.account_of_session(given uuid) RETURNS SETOF auth.account LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.* FROM auth.session s JOIN auth.account a ON a.id = s.account_id
     WHERE s.id = given AND s.ended_at IS NULL AND s.expires_at > now();
$$;
CREATE FUNCTION auth.renew_password_hash(account uuid, old_hash text, new_hash text) RETURNS boolean LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.account a SET password_hash = new_hash WHERE a.id = account AND a.password_hash = old_hash;
    RETURN FOUND;
END
$$;

REVOKE ALL ON FUNCTION auth.open_session, auth.refresh_session, auth.account_of_name, auth.account_of_session,
    auth.renew_password_hash FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.open_session, auth.refresh_session, auth.account_of_name, auth.account_of_session,
    auth.renew_password_hash TO mnemos_auth;

COMMIT;
