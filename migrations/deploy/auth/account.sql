-- Deploy mnemos:auth/account to pg
BEGIN;

CREATE SCHEMA auth;
GRANT USAGE ON SCHEMA auth TO mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;

-- Who may log in, and with which rights. The record of the person is users.person with the same id.
CREATE TABLE auth.account (
    id            uuid PRIMARY KEY,
    name          text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
    name_key      text NOT NULL GENERATED ALWAYS AS (shared.name_key(name)) STORED,
    role          text NOT NULL CHECK (role IN ('superuser', 'admin', 'healthpro', 'caregiver', 'patient')),
    specialty     text CHECK (specialty IN ('general', 'psychologist', 'neurologist', 'oncologist', 'radiologist',
                                            'geriatrician')),
    password_hash text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_name_taken UNIQUE (name_key),
    CONSTRAINT account_specialty_of_healthpro CHECK ((role = 'healthpro') = (specialty IS NOT NULL))
);

-- A session outlives its account as an ended one, so that tokens issued for it stay refused until they expire.
CREATE TABLE auth.session (
    id         uuid PRIMARY KEY,
    account_id uuid REFERENCES auth.account ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX session_of_account ON auth.session (account_id);
CREATE INDEX session_ended ON auth.session (expires_at) WHERE ended_at IS NOT NULL;

-- The private half is sealed (XSalsa20-Poly1305) with a secret that only the auth service holds.
CREATE TABLE auth.signing_key (
    id                 text PRIMARY KEY,
    public_key         text NOT NULL,
    private_key_sealed bytea NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    retired_at         timestamptz
);

-- What other services may know: which keys to trust, and which sessions not to.
CREATE VIEW auth.published_signing_key AS
    SELECT id, public_key, created_at FROM auth.signing_key WHERE retired_at IS NULL;
CREATE VIEW auth.published_ended_session AS
    SELECT id, expires_at FROM auth.session WHERE ended_at IS NOT NULL AND expires_at > now();
CREATE VIEW auth.published_account AS
    SELECT id, name, role, specialty FROM auth.account;

CREATE FUNCTION auth.tell_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('session_ended', NEW.id::text || ' ' || extract(epoch FROM NEW.expires_at)::bigint::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER session_ended AFTER UPDATE OF ended_at ON auth.session
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION auth.tell_session_ended();

CREATE FUNCTION auth.tell_signing_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('signing_key', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER signing_key AFTER INSERT OR UPDATE OR DELETE ON auth.signing_key
    FOR EACH STATEMENT EXECUTE FUNCTION auth.tell_signing_key();

-- The users service makes, changes and removes accounts in the transaction of the person's record.
CREATE FUNCTION auth.create_account(id uuid, name text, role text, specialty text, password_hash text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.account (id, name, role, specialty, password_hash)
    VALUES (create_account.id, create_account.name, create_account.role, create_account.specialty,
            create_account.password_hash);
    RETURN create_account.id;
END
$$;

-- A token carries the specialty, so a changed one ends the sessions that were opened with the old one.
CREATE FUNCTION auth.update_account(id uuid, name text, specialty text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.session s SET ended_at = now()
      FROM auth.account a
     WHERE s.account_id = update_account.id AND a.id = s.account_id AND s.ended_at IS NULL
       AND a.specialty IS DISTINCT FROM update_account.specialty;
    UPDATE auth.account a SET name = update_account.name, specialty = update_account.specialty
     WHERE a.id = update_account.id AND (a.name, a.specialty) IS DISTINCT FROM (update_account.name, update_account.specialty);
    RETURN update_account.id;
END
$$;

CREATE FUNCTION auth.delete_account(id uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.session s SET ended_at = now() WHERE s.account_id = delete_account.id AND s.ended_at IS NULL;
    DELETE FROM auth.account a WHERE a.id = delete_account.id;
    RETURN delete_account.id;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA auth FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.create_account, auth.update_account, auth.delete_account TO mnemos_users;
GRANT SELECT ON auth.published_account TO mnemos_users;
GRANT SELECT ON auth.published_signing_key, auth.published_ended_session
    TO mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;
GRANT SELECT ON auth.account TO mnemos_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.session TO mnemos_auth;
GRANT SELECT, INSERT ON auth.signing_key TO mnemos_auth;

COMMIT;
