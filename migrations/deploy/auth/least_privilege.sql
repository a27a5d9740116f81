-- Deploy mnemos:auth/least_privilege to pg
BEGIN;

-- The users service makes, changes and removes the accounts of people who have a record there, and no others: whoever
-- got hold of it must not become an administrator by it, nor remove one.
CREATE FUNCTION auth.is_role_of_people(role text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN role IN ('patient', 'caregiver', 'healthpro');

CREATE OR REPLACE FUNCTION auth.create_account(id uuid, name text, role text, specialty text, password_hash text)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF auth.is_role_of_people(create_account.role) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = 'only accounts of people are made here';
    END IF;
    INSERT INTO auth.account (id, name, role, specialty, password_hash)
    VALUES (create_account.id, create_account.name, create_account.role, create_account.specialty,
            create_account.password_hash);
    RETURN create_account.id;
END
$$;

CREATE OR REPLACE FUNCTION auth.update_account(id uuid, name text, specialty text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.session s SET ended_at = now()
      FROM auth.account a
     WHERE s.account_id = update_account.id AND a.id = s.account_id AND s.ended_at IS NULL
       AND auth.is_role_of_people(a.role) AND a.specialty IS DISTINCT FROM update_account.specialty;
    UPDATE auth.account a SET name = update_account.name, specialty = update_account.specialty
     WHERE a.id = update_account.id AND auth.is_role_of_people(a.role)
       AND (a.name, a.specialty) IS DISTINCT FROM (update_account.name, update_account.specialty);
    RETURN update_account.id;
END
$$;

CREATE OR REPLACE FUNCTION auth.delete_account(id uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.session s SET ended_at = now()
      FROM auth.account a
     WHERE s.account_id = delete_account.id AND a.id = s.account_id AND s.ended_at IS NULL
       AND auth.is_role_of_people(a.role);
    DELETE FROM auth.account a WHERE a.id = delete_account.id AND auth.is_role_of_people(a.role);
    RETURN delete_account.id;
END
$$;
REVOKE ALL ON FUNCTION auth.is_role_of_people FROM PUBLIC;

-- Sessions are ended by the service, and neither prolonged nor given to others.
REVOKE UPDATE ON auth.session FROM mnemos_auth;
GRANT UPDATE (ended_at) ON auth.session TO mnemos_auth;

COMMIT;
