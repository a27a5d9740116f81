-- Deploy mnemos:auth/installation to pg
BEGIN;

-- Has a row once invented people with one password for all of them were put into this database.
CREATE TABLE auth.demonstration (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    since    timestamptz NOT NULL DEFAULT now()
);

-- The first superuser comes from the settings, if nobody else is one yet; of several services that start at once, one
-- makes it.
CREATE FUNCTION auth.make_first_superuser(id uuid, name text, password_hash text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('auth.keep_a_superuser'));
    IF EXISTS (SELECT FROM auth.account a WHERE a.role = 'superuser') THEN
        RETURN false;
    END IF;
    INSERT INTO auth.account (id, name, role, password_hash)
    VALUES (make_first_superuser.id, make_first_superuser.name, 'superuser', make_first_superuser.password_hash);
    RETURN true;
END
$$;

CREATE FUNCTION auth.has_superuser() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    RETURN EXISTS (SELECT FROM auth.account a WHERE a.role = 'superuser');

REVOKE ALL ON FUNCTION auth.make_first_superuser, auth.has_superuser FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.make_first_superuser, auth.has_superuser TO mnemos_auth;
GRANT SELECT ON auth.demonstration TO mnemos_auth;

COMMIT;
