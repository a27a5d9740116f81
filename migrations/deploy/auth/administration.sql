-- Deploy mnemos:auth/administration to pg
BEGIN;

-- Accounts can be disabled. The version becomes the ETag: it counts what an administrator can see changing.
ALTER TABLE auth.account
    ADD COLUMN disabled boolean NOT NULL DEFAULT false,
    ADD COLUMN version bigint NOT NULL DEFAULT 1;
CREATE INDEX account_administrators ON auth.account (name_key) WHERE role IN ('superuser', 'admin');

-- Somebody must always be able to log in and appoint administrators. The lock puts all who take a superuser away in one
-- line, and the statement after it sees what those before have done; so of two that take the last two, the second is
-- refused. Whoever counts without it would see both still there.
CREATE FUNCTION auth.keep_a_superuser() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('auth.keep_a_superuser'));
    IF NOT EXISTS (SELECT FROM auth.account a WHERE a.role = 'superuser' AND NOT a.disabled AND a.id <> OLD.id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'account_last_superuser',
            MESSAGE = 'the last superuser that is not disabled stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER keep_a_superuser_updated BEFORE UPDATE OF role, disabled ON auth.account
    FOR EACH ROW WHEN (OLD.role = 'superuser' AND NOT OLD.disabled AND (NEW.role <> 'superuser' OR NEW.disabled))
    EXECUTE FUNCTION auth.keep_a_superuser();
CREATE TRIGGER keep_a_superuser_deleted BEFORE DELETE ON auth.account
    FOR EACH ROW WHEN (OLD.role = 'superuser' AND NOT OLD.disabled) EXECUTE FUNCTION auth.keep_a_superuser();

-- Tokens carry the role, and who is disabled or removed is out: their sessions end with the statement that says so.
-- These fire once the row is locked, so a login at the same moment is either seen here or sees the change itself.
CREATE FUNCTION auth.end_sessions_of_account() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE auth.session s SET ended_at = now()
     WHERE s.account_id = OLD.id AND s.ended_at IS NULL AND s.expires_at > now();
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER sessions_end_with_role BEFORE UPDATE OF role, disabled ON auth.account
    FOR EACH ROW WHEN (NEW.role <> OLD.role OR (NEW.disabled AND NOT OLD.disabled))
    EXECUTE FUNCTION auth.end_sessions_of_account();
-- Whoever removes people, thousands at a time, ends their sessions at once.
CREATE TRIGGER sessions_end_with_account BEFORE DELETE ON auth.account
    FOR EACH ROW WHEN (OLD.role IN ('superuser', 'admin')) EXECUTE FUNCTION auth.end_sessions_of_account();

CREATE FUNCTION auth.count_account_version() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER version_counts BEFORE UPDATE ON auth.account
    FOR EACH ROW WHEN ((OLD.name, OLD.role, OLD.specialty, OLD.disabled)
        IS DISTINCT FROM (NEW.name, NEW.role, NEW.specialty, NEW.disabled))
    EXECUTE FUNCTION auth.count_account_version();

REVOKE ALL ON FUNCTION auth.keep_a_superuser, auth.end_sessions_of_account, auth.count_account_version FROM PUBLIC;

-- Accounts of people are made and removed with their record, by the functions of the users service.
GRANT INSERT (id, name, role, password_hash), UPDATE (role, disabled), DELETE ON auth.account TO mnemos_auth;

COMMIT;
