-- Deploy mnemos:auth/password to pg
BEGIN;

-- Whoever knew the old password is out; the session that changes it stays. Two statements, so that the second one sees a
-- login that held up the first. The version tells a login that its password was checked too early.
CREATE FUNCTION auth.change_password(account uuid, old_hash text, new_hash text, keep_session uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.account a SET password_hash = new_hash, version = a.version + 1
     WHERE a.id = account AND a.password_hash = old_hash;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE auth.session s SET ended_at = now()
     WHERE s.account_id = account AND s.id <> keep_session AND s.ended_at IS NULL AND s.expires_at > now();
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION auth.change_password FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.change_password TO mnemos_auth;

-- The same password with stronger parameters, at login.
GRANT UPDATE (password_hash) ON auth.account TO mnemos_auth;

COMMIT;
