-- Revert mnemos:auth/least_privilege from pg
BEGIN;

REVOKE UPDATE (ended_at) ON auth.session FROM mnemos_auth;
GRANT UPDATE ON auth.session TO mnemos_auth;

CREATE OR REPLACE FUNCTION auth.create_account(id uuid, name text, role text, specialty text, password_hash text)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
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
       AND a.specialty IS DISTINCT FROM update_account.specialty;
    UPDATE auth.account a SET name = update_account.name, specialty = update_account.specialty
     WHERE a.id = update_account.id AND (a.name, a.specialty) IS DISTINCT FROM (update_account.name, update_account.specialty);
    RETURN update_account.id;
END
$$;

CREATE OR REPLACE FUNCTION auth.delete_account(id uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.session s SET ended_at = now() WHERE s.account_id = delete_account.id AND s.ended_at IS NULL;
    DELETE FROM auth.account a WHERE a.id = delete_account.id;
    RETURN delete_account.id;
END
$$;
DROP FUNCTION auth.is_role_of_people;

COMMIT;
