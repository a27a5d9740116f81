-- Deploy mnemos:users/tumour_draft to pg
--
-- Records of tumours that are entered in steps. A draft is its owner's alone, and is lost when its time is over.
BEGIN;

CREATE TABLE users.tumour_draft (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner_id        uuid NOT NULL DEFAULT shared.acting_account(),
    -- The steps as they were given, NULL: not yet. What they may say stands in services/users/tumour_fields.c.
    personal        json,
    medical_history json,
    tumour          json,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL
);
CREATE INDEX tumour_draft_of_owner ON users.tumour_draft (owner_id, id);
CREATE INDEX tumour_draft_by_expiry ON users.tumour_draft (expires_at);

-- Whatever the service asks: other people's drafts are not there, and those whose time is over are nobody's.
ALTER TABLE users.tumour_draft ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON users.tumour_draft USING (
    owner_id = (SELECT shared.acting_account()) AND expires_at > now()
    AND ((SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
         OR (SELECT shared.acting_scope('people:write'))));

CREATE TRIGGER tumour_draft_written AFTER INSERT OR UPDATE ON users.tumour_draft
    FOR EACH ROW WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION auth.log_write('tumour_draft');
-- One that has expired is taken away by nobody in particular.
CREATE TRIGGER tumour_draft_removed AFTER DELETE ON users.tumour_draft
    FOR EACH ROW WHEN (shared.acting_role() IS NOT NULL AND OLD.owner_id = shared.acting_account()
                       AND OLD.expires_at > now()) EXECUTE FUNCTION auth.log_write('tumour_draft');

-- Takes expired drafts away, a few at a time, so that nobody waits for a great clean-up.
CREATE FUNCTION users.tumour_draft_expire(at_most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM users.tumour_draft d
     USING (SELECT e.id FROM users.tumour_draft e WHERE e.expires_at <= now() ORDER BY e.expires_at LIMIT at_most
               FOR UPDATE SKIP LOCKED) expired
     WHERE d.id = expired.id;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

REVOKE ALL ON FUNCTION users.tumour_draft_expire FROM PUBLIC;
GRANT EXECUTE ON FUNCTION users.tumour_draft_expire TO mnemos_users;
GRANT SELECT, DELETE ON users.tumour_draft TO mnemos_users;
GRANT INSERT (expires_at) ON users.tumour_draft TO mnemos_users;
GRANT UPDATE (personal, medical_history, tumour, version, updated_at, expires_at) ON users.tumour_draft TO mnemos_users;

COMMIT;
