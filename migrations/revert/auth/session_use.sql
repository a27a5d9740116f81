-- Revert mnemos:auth/session_use from pg
BEGIN;
CREATE OR REPLACE FUNCTION auth.rotate_refresh_token(given bytea, successor bytea)
    RETURNS TABLE (session_id uuid, account_id uuid, ends bigint, reused boolean) LANGUAGE plpgsql SECURITY INVOKER
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
DROP FUNCTION auth.open_session, auth.refresh_session, auth.account_of_name, auth.account_of_session,
    auth.renew_password_hash;
DROP INDEX auth.session_by_expiry, auth.session_by_end;
ALTER TABLE auth.session DROP COLUMN device, DROP COLUMN address, DROP COLUMN used_at;
COMMIT;
