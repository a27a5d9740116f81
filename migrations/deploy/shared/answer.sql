-- Deploy mnemos:shared/answer to pg
--
-- The answers of creating requests that came with an Idempotency-Key, for 24 hours. No service sees the table: the two
-- functions show each login role its own rows only, and these only to who knows the hash of the key.
BEGIN;

CREATE TABLE shared.answer (
    service      name NOT NULL,                                      -- the login role that keeps it
    scope        bytea NOT NULL CHECK (octet_length(scope) = 32),       -- hash of account and key
    fingerprint  bytea NOT NULL CHECK (octet_length(fingerprint) = 32), -- keyed hash of the request
    http_status  integer NOT NULL CHECK (http_status BETWEEN 200 AND 299),
    content_type text,
    location     text,
    etag         text,
    body         text COMPRESSION lz4 NOT NULL,
    expires_at   timestamptz NOT NULL DEFAULT now() + interval '24 hours',
    PRIMARY KEY (service, scope)
);
CREATE INDEX answer_by_expiry ON shared.answer (expires_at);

-- Whose turn is it? `new`: the caller's, until the end of its transaction. `running`: somebody else's. `kept`: the same
-- request was answered, like this. `other`: another one was. The lock comes first and each statement sees what has been
-- committed by then, so whoever gets the lock also sees the answer of the one who had it before.
CREATE FUNCTION shared.answer_claim(wanted bytea, request bytea)
    RETURNS TABLE (state text, http_status integer, content_type text, location text, etag text, body text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended(session_user || encode(wanted, 'hex'), 0)) THEN
        state := 'running';
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY SELECT 'kept', a.http_status, a.content_type, a.location, a.etag, a.body
                   FROM shared.answer a
                  WHERE a.service = session_user AND a.scope = wanted AND a.fingerprint = request
                    AND a.expires_at > now();
    IF NOT FOUND THEN
        state := CASE WHEN EXISTS (SELECT FROM shared.answer a
                                    WHERE a.service = session_user AND a.scope = wanted AND a.expires_at > now())
                      THEN 'other' ELSE 'new' END;
        RETURN NEXT;
    END IF;
END
$$;

-- Each answer that comes takes up to ten expired ones away, so they cannot pile up and nobody waits for a great clean-up.
-- Only its own old row is waited for; whoever holds that one waits for nothing any more.
CREATE FUNCTION shared.answer_keep(scope bytea, fingerprint bytea, http_status integer, content_type text, location text,
                                   etag text, body text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM shared.answer a
     WHERE a.service = session_user AND a.scope = answer_keep.scope AND a.expires_at <= now();
    DELETE FROM shared.answer a
     USING (SELECT e.service, e.scope FROM shared.answer e WHERE e.expires_at <= now()
             ORDER BY e.expires_at LIMIT 10 FOR UPDATE SKIP LOCKED) expired
     WHERE a.service = expired.service AND a.scope = expired.scope;
    INSERT INTO shared.answer AS a (service, scope, fingerprint, http_status, content_type, location, etag, body)
    VALUES (session_user, answer_keep.scope, answer_keep.fingerprint, answer_keep.http_status, answer_keep.content_type,
            answer_keep.location, answer_keep.etag, answer_keep.body);
END
$$;

REVOKE ALL ON FUNCTION shared.answer_claim, shared.answer_keep FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shared.answer_claim, shared.answer_keep
    TO mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;

COMMIT;
