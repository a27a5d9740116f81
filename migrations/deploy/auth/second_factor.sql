-- Deploy mnemos:auth/second_factor to pg
BEGIN;

-- The second factor of an account: the secret of its authenticator app, sealed with a key that only the auth service
-- has. It counts once a code has confirmed it. Steps of time up to last_step are used.
CREATE TABLE auth.second_factor (
    id            uuid PRIMARY KEY REFERENCES auth.account ON DELETE CASCADE,
    secret_sealed bytea NOT NULL,
    begun_at      timestamptz NOT NULL DEFAULT now(),
    confirmed_at  timestamptz,
    last_step     bigint NOT NULL DEFAULT 0
);

-- For who has lost the app: keyed hashes, each taken away when it is used.
CREATE TABLE auth.recovery_code (
    account_id uuid NOT NULL REFERENCES auth.second_factor ON DELETE CASCADE,
    hash       bytea NOT NULL,
    PRIMARY KEY (account_id, hash)
);

CREATE TRIGGER second_factor_confirmed_logged AFTER UPDATE OF confirmed_at ON auth.second_factor
    FOR EACH ROW EXECUTE FUNCTION auth.log_write('second_factor');
CREATE TRIGGER second_factor_removed_logged AFTER DELETE ON auth.second_factor
    FOR EACH ROW WHEN (OLD.confirmed_at IS NOT NULL) EXECUTE FUNCTION auth.log_write('second_factor');

-- The auth service works with both by these functions only; most of it happens before it is known who asks.

CREATE FUNCTION auth.second_factor_of(account uuid)
    RETURNS TABLE (sealed text, confirmed_at timestamptz, last_step bigint, recovery_codes_left bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(f.secret_sealed, 'hex'), f.confirmed_at, f.last_step,
           (SELECT count(*) FROM auth.recovery_code c WHERE c.account_id = f.id)
      FROM auth.second_factor f WHERE f.id = account
$$;

-- Of two who bring the same code at the same time, the second waits for the first and finds it used.
CREATE FUNCTION auth.use_second_factor(account uuid, step bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.second_factor f SET last_step = step
     WHERE f.id = account AND f.confirmed_at IS NOT NULL AND f.last_step < step;
    RETURN FOUND;
END
$$;

CREATE FUNCTION auth.use_recovery_code(account uuid, code_hash bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM auth.recovery_code c WHERE c.account_id = account AND c.hash = code_hash;
    RETURN FOUND;
END
$$;

-- Begun again, another secret takes the place of one that nobody has confirmed.
CREATE FUNCTION auth.begin_second_factor(account uuid, sealed text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.second_factor AS f (id, secret_sealed)
    SELECT a.id, decode(sealed, 'hex') FROM auth.account a WHERE a.id = account
        ON CONFLICT (id) DO UPDATE SET secret_sealed = excluded.secret_sealed, begun_at = now()
     WHERE f.confirmed_at IS NULL;
    RETURN FOUND;
END
$$;

CREATE FUNCTION auth.replace_recovery_codes(account uuid, hashes text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM auth.second_factor f WHERE f.id = account AND f.confirmed_at IS NOT NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM auth.recovery_code c WHERE c.account_id = account;
    INSERT INTO auth.recovery_code (account_id, hash) SELECT account, decode(h, 'hex') FROM unnest(hashes) AS h;
    RETURN true;
END
$$;

-- Sessions that were opened with the password alone end; the one that confirms stays. The version tells a login that it
-- looked too early; several statements, so that the later ones see a login that held up the first.
CREATE FUNCTION auth.confirm_second_factor(account uuid, sealed text, step bigint, hashes text[], keep_session uuid)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM auth.account a WHERE a.id = account FOR UPDATE;
    UPDATE auth.second_factor f SET confirmed_at = now(), last_step = step
     WHERE f.id = account AND f.confirmed_at IS NULL AND f.secret_sealed = decode(sealed, 'hex');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.replace_recovery_codes(account, hashes);
    UPDATE auth.account a SET version = a.version + 1 WHERE a.id = account;
    UPDATE auth.session s SET ended_at = now()
     WHERE s.account_id = account AND s.id <> keep_session AND s.ended_at IS NULL AND s.expires_at > now();
    RETURN true;
END
$$;

CREATE FUNCTION auth.remove_second_factor(account uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM auth.second_factor f WHERE f.id = account;
    RETURN FOUND;
END
$$;

-- By an administrator: whoever has the lost device is out, too.
CREATE FUNCTION auth.reset_second_factor(account uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM auth.account a WHERE a.id = account FOR UPDATE;
    IF NOT auth.remove_second_factor(account) THEN
        RETURN false;
    END IF;
    UPDATE auth.account a SET version = a.version + 1 WHERE a.id = account;
    UPDATE auth.session s SET ended_at = now()
     WHERE s.account_id = account AND s.ended_at IS NULL AND s.expires_at > now();
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION auth.second_factor_of, auth.use_second_factor, auth.use_recovery_code, auth.begin_second_factor,
    auth.replace_recovery_codes, auth.confirm_second_factor, auth.remove_second_factor, auth.reset_second_factor
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.second_factor_of, auth.use_second_factor, auth.use_recovery_code,
    auth.begin_second_factor, auth.replace_recovery_codes, auth.confirm_second_factor, auth.remove_second_factor,
    auth.reset_second_factor TO mnemos_auth;

COMMIT;
