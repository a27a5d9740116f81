-- Deploy mnemos:auth/client to pg
--
-- Clients: machines that ask on their own behalf. Their account has a name like anybody's and no password; a secret of 256
-- random bits, of which only a hash is here, takes its place.
BEGIN;

ALTER TABLE auth.account
    ALTER COLUMN password_hash DROP NOT NULL,
    ADD CONSTRAINT account_password_of_people CHECK ((role = 'client') = (password_hash IS NULL));

CREATE TABLE auth.client (
    id          uuid PRIMARY KEY REFERENCES auth.account ON DELETE CASCADE,
    scope       text NOT NULL CHECK (char_length(scope) BETWEEN 1 AND 100), -- names with a space between
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32)
);

-- Tokens carry the scopes, and whoever got one for the old secret is out.
CREATE TRIGGER sessions_end_with_client BEFORE UPDATE ON auth.client
    FOR EACH ROW WHEN ((OLD.scope, OLD.secret_hash) IS DISTINCT FROM (NEW.scope, NEW.secret_hash))
    EXECUTE FUNCTION auth.end_sessions_of_account();
CREATE TRIGGER client_changed_logged AFTER UPDATE ON auth.client
    FOR EACH ROW WHEN ((OLD.scope, OLD.secret_hash) IS DISTINCT FROM (NEW.scope, NEW.secret_hash))
    EXECUTE FUNCTION auth.log_write('client');

-- Administrators manage clients; the hashes are read by nobody but the function below.
ALTER TABLE auth.client ENABLE ROW LEVEL SECURITY;
CREATE POLICY managed ON auth.client USING ((SELECT shared.acting_role()) IN ('admin', 'superuser'));
GRANT SELECT (id, scope), INSERT ON auth.client TO mnemos_auth;

-- Each of these changes the account first: its lock holds up a token that is on its way, and the version tells that token
-- that it comes too late (auth.open_client_session).
CREATE FUNCTION auth.update_client(id uuid, version bigint, name text, scope text, active boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.account a SET name = update_client.name, disabled = NOT active, version = a.version + 1
     WHERE a.id = update_client.id AND a.version = update_client.version AND a.role = 'client'
       AND shared.acting_role() IN ('admin', 'superuser');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE auth.client c SET scope = update_client.scope WHERE c.id = update_client.id;
    RETURN true;
END
$$;

CREATE FUNCTION auth.renew_client_secret(id uuid, secret_hash bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.account a SET version = a.version + 1
     WHERE a.id = renew_client_secret.id AND a.role = 'client' AND shared.acting_role() IN ('admin', 'superuser');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE auth.client c SET secret_hash = renew_client_secret.secret_hash WHERE c.id = renew_client_secret.id;
    RETURN true;
END
$$;

-- Before it is known who asks.
CREATE FUNCTION auth.client_credentials(id uuid)
    RETURNS TABLE (id uuid, name text, role text, scope text, disabled boolean, version bigint, secret_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.id, a.name, a.role, c.scope, a.disabled, a.version, encode(c.secret_hash, 'hex')
      FROM auth.client c JOIN auth.account a ON a.id = c.id WHERE c.id = client_credentials.id
$$;

-- Without a refresh token: a client has its secret. Each takes some away that are over, as auth.open_session does.
CREATE FUNCTION auth.open_client_session(id uuid, client uuid, version bigint, ends bigint, device text, address inet)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM auth.account a
      WHERE a.id = client AND a.version = open_client_session.version AND a.role = 'client' AND NOT a.disabled FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO auth.session (id, account_id, expires_at, device, address)
    VALUES (open_client_session.id, client, to_timestamp(ends), open_client_session.device, open_client_session.address);
    DELETE FROM auth.session s
     USING (SELECT o.id FROM auth.session o WHERE o.expires_at < now() - interval '1 hour'
             ORDER BY o.expires_at LIMIT 10 FOR UPDATE SKIP LOCKED) expired
     WHERE s.id = expired.id;
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION auth.update_client, auth.renew_client_secret, auth.client_credentials, auth.open_client_session
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.update_client, auth.renew_client_secret, auth.client_credentials, auth.open_client_session
    TO mnemos_auth;

COMMIT;
