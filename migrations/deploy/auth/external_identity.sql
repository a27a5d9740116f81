-- Deploy mnemos:auth/external_identity to pg
BEGIN;

-- Who may log in with the token of another issuer, and as whom. Provisioned: the account was made for this identity, and
-- its role follows what the issuer says; the others were linked by an administrator.
CREATE TABLE auth.external_identity (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES auth.account ON DELETE CASCADE,
    issuer      text NOT NULL CHECK (char_length(issuer) BETWEEN 1 AND 200),
    subject     text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 255),
    provisioned boolean NOT NULL DEFAULT false,
    linked_by   uuid,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT external_identity_linked UNIQUE (issuer, subject)
);
CREATE INDEX external_identity_of_account ON auth.external_identity (account_id, id);

-- The account of an identity, when nobody is known yet. No row when there is none. role and specialty are what the
-- issuer's claims come to (NULL: no role here), new_name that of an account to make for somebody unknown (NULL: none is
-- made). A name that is taken is refused: whoever can choose a name at the issuer must not become its owner here.
CREATE FUNCTION auth.account_of_identity(issuer text, subject text, role text, specialty text, new_name text)
    RETURNS SETOF auth.account LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known auth.external_identity;
    violated text;
BEGIN
    SELECT * INTO known FROM auth.external_identity i
     WHERE i.issuer = account_of_identity.issuer AND i.subject = account_of_identity.subject;
    IF NOT FOUND AND new_name IS NOT NULL AND account_of_identity.role IS NOT NULL THEN
        -- Two first exchanges at the same time: the second one sees what the first has made.
        PERFORM pg_advisory_xact_lock(hashtextextended(account_of_identity.issuer || ' ' || account_of_identity.subject, 0));
        SELECT * INTO known FROM auth.external_identity i
         WHERE i.issuer = account_of_identity.issuer AND i.subject = account_of_identity.subject;
        IF NOT FOUND THEN
            known.account_id := gen_random_uuid();
            BEGIN
                -- No password is hashed to this.
                INSERT INTO auth.account (id, name, role, specialty, password_hash)
                VALUES (known.account_id, new_name, account_of_identity.role, account_of_identity.specialty, '');
            EXCEPTION WHEN unique_violation THEN
                GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
                IF violated = 'account_name_taken' THEN
                    violated := 'external_identity_name_taken';
                END IF;
                RAISE EXCEPTION USING ERRCODE = 'unique_violation', CONSTRAINT = violated,
                    MESSAGE = 'the account for the identity cannot be made';
            END;
            INSERT INTO auth.external_identity (id, account_id, issuer, subject, provisioned)
            VALUES (gen_random_uuid(), known.account_id, account_of_identity.issuer, account_of_identity.subject, true);
            known.provisioned := true;
        END IF;
    END IF;
    IF known.account_id IS NULL THEN
        RETURN;
    END IF;
    IF known.provisioned AND account_of_identity.role IS NULL THEN
        -- The issuer has taken the role away.
        UPDATE auth.session s SET ended_at = now()
         WHERE s.account_id = known.account_id AND s.ended_at IS NULL AND s.expires_at > now();
        RETURN;
    END IF;
    IF known.provisioned THEN
        -- Superusers are made and unmade here only.
        UPDATE auth.account a SET role = account_of_identity.role, specialty = account_of_identity.specialty
         WHERE a.id = known.account_id AND a.role <> 'superuser'
           AND (a.role, a.specialty) IS DISTINCT FROM (account_of_identity.role, account_of_identity.specialty);
        IF FOUND THEN -- tokens carry the specialty, too
            UPDATE auth.session s SET ended_at = now()
             WHERE s.account_id = known.account_id AND s.ended_at IS NULL AND s.expires_at > now();
        END IF;
    END IF;
    RETURN QUERY SELECT a.* FROM auth.account a WHERE a.id = known.account_id;
END
$$;

-- Linking and unlinking leave their entry. Any session of the account may have been opened with the identity, so all of
-- them end with it.
CREATE FUNCTION auth.log_identity() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE auth.session s SET ended_at = now()
         WHERE s.account_id = OLD.account_id AND s.ended_at IS NULL AND s.expires_at > now();
    END IF;
    INSERT INTO auth.access_log (subject_id, object, outcome, action)
    VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END, 'identity', 'written',
            coalesce(shared.acting_request(1), 'identity.' || lower(TG_OP)));
    RETURN NULL;
END
$$;
CREATE TRIGGER identity_logged AFTER INSERT OR DELETE ON auth.external_identity
    FOR EACH ROW EXECUTE FUNCTION auth.log_identity();

-- Administrators see and link those of others, superusers also those of administrators.
ALTER TABLE auth.external_identity ENABLE ROW LEVEL SECURITY;
CREATE POLICY manage ON auth.external_identity TO mnemos_auth USING (
    (SELECT shared.acting_role()) = 'superuser'
    OR ((SELECT shared.acting_role()) = 'admin'
        AND EXISTS (SELECT FROM auth.account a
                     WHERE a.id = external_identity.account_id AND a.role NOT IN ('superuser', 'admin'))));

REVOKE ALL ON FUNCTION auth.account_of_identity, auth.log_identity FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.account_of_identity TO mnemos_auth;
GRANT SELECT, INSERT (id, account_id, issuer, subject, linked_by), DELETE ON auth.external_identity TO mnemos_auth;

COMMIT;
