-- Deploy mnemos:auth/access_log to pg
--
-- Who has read or written what of whom. Rows are added and never changed; a seal over each batch of them, chained to the
-- seal before, makes visible what was removed, changed or slipped in afterwards (services/auth/seal.c, mnemosctl
-- access-log verify).
BEGIN;

-- One partition for each month, so that what is old can be dropped at once. Nobody but the defaults says who, when and
-- in which transaction.
CREATE TABLE auth.access_log (
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    transaction bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    at          timestamptz NOT NULL DEFAULT now(),
    service     text NOT NULL DEFAULT session_user,
    actor_id    uuid DEFAULT shared.acting_account(),
    role        text DEFAULT shared.acting_role(),
    action      text DEFAULT shared.acting_request(1),
    request_id  text DEFAULT shared.acting_request(2),
    address     inet DEFAULT shared.acting_request(3)::inet,
    subject_id  uuid, -- whose data; NULL: of nobody in particular, or nobody was found
    object      text NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('read', 'written', 'absent', 'refused'))
) PARTITION BY RANGE (at);
CREATE INDEX access_log_of_subject ON auth.access_log (subject_id, id);
CREATE INDEX access_log_by_transaction ON auth.access_log (transaction);

-- Takes what no month's partition takes, so that an entry is never lost.
CREATE TABLE auth.access_log_rest PARTITION OF auth.access_log DEFAULT;

CREATE FUNCTION auth.access_log_month(at timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
    RETURN date_trunc('month', at AT TIME ZONE 'UTC')::date;

-- Partitions for this month and the next two, made before they are needed.
CREATE FUNCTION auth.access_log_prepare() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
    month date;
    partition text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('auth.access_log_prepare'));
    FOR month IN SELECT auth.access_log_month(now()) + make_interval(months => n) FROM generate_series(0, 2) n LOOP
        partition := 'access_log_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass('auth.' || partition) IS NOT NULL;
        CONTINUE WHEN EXISTS (SELECT FROM auth.access_log_rest r
                               WHERE r.at >= month AND r.at < month + interval '1 month');
        EXECUTE format('CREATE TABLE auth.%I PARTITION OF auth.access_log FOR VALUES FROM (%L) TO (%L)', partition,
                       month::timestamptz, (month + interval '1 month')::timestamptz);
    END LOOP;
END
$$;
SELECT auth.access_log_prepare();

-- How services add an entry: what they may say of it is what they alone know.
CREATE VIEW auth.access_entry AS SELECT subject_id, object, outcome FROM auth.access_log;

-- What everybody can check: a digest of all that an entry says.
CREATE FUNCTION auth.access_log_digest(entry auth.access_log) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(convert_to(jsonb_build_array(entry.id, entry.transaction, extract(epoch FROM entry.at), entry.service,
        entry.actor_id, entry.role, entry.action, entry.request_id, host(entry.address), entry.subject_id, entry.object,
        entry.outcome)::text, 'UTF8'));

-- A seal covers the entries of one month that were made by transactions in [first_transaction, end_transaction). It is a
-- keyed hash of the seal before and of all that stands here.
CREATE TABLE auth.access_seal (
    number            bigint PRIMARY KEY,
    month             date NOT NULL,
    first_transaction bigint NOT NULL,
    end_transaction   bigint NOT NULL CHECK (end_transaction > first_transaction),
    entries           integer NOT NULL CHECK (entries > 0),
    digests           bytea NOT NULL CHECK (octet_length(digests) = 40 * entries), -- id (8 bytes) and digest (32) of each
    sealed_at         timestamptz NOT NULL,
    seal              bytea NOT NULL CHECK (octet_length(seal) = 32)
);

-- The next entries to be sealed, in at most one row for each month. Only transactions that were over when the statement
-- began are looked at: below the oldest that is not, nothing can come any more.
CREATE FUNCTION auth.access_log_unsealed(at_most integer)
    RETURNS TABLE (number bigint, previous text, month text, first_transaction bigint, end_transaction bigint,
                   entries bigint, digests text, sealed_at text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH last AS (
        SELECT coalesce(max(s.number), 0) AS number, coalesce(max(s.end_transaction), 0) AS transaction
          FROM auth.access_seal s),
    horizon AS (
        SELECT coalesce((SELECT e.transaction + 1 FROM auth.access_log e, last
                          WHERE e.transaction >= last.transaction
                            AND e.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                          ORDER BY e.transaction OFFSET at_most LIMIT 1),
                        pg_snapshot_xmin(pg_current_snapshot())::text::bigint) AS transaction),
    batch AS (
        SELECT auth.access_log_month(e.at) AS month, count(*) AS entries,
               string_agg(int8send(e.id) || auth.access_log_digest(e), '' ORDER BY e.transaction, e.id) AS digests
          FROM auth.access_log e, last, horizon
         WHERE e.transaction >= last.transaction AND e.transaction < horizon.transaction
         GROUP BY 1)
    SELECT last.number + row_number() OVER (ORDER BY batch.month),
           coalesce(encode((SELECT s.seal FROM auth.access_seal s WHERE s.number = last.number), 'hex'), ''),
           batch.month::text, last.transaction, horizon.transaction, batch.entries, encode(batch.digests, 'hex'),
           to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      FROM last, horizon, batch ORDER BY batch.month;
END;

-- What a trigger's table calls its rows, and what is being done where no request says so: then it is an operator who does
-- it. Runs in the transaction of the write: both or neither.
CREATE FUNCTION auth.log_write() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    subject uuid;
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        subject := CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END;
    END IF;
    INSERT INTO auth.access_log (subject_id, object, outcome, action)
    VALUES (subject, TG_ARGV[0], 'written', coalesce(shared.acting_request(1), TG_ARGV[0] || '.' || lower(TG_OP)));
    RETURN NULL;
END
$$;

-- Accounts of people come and go with their record, which has its own entries.
CREATE TRIGGER account_made_logged AFTER INSERT ON auth.account
    FOR EACH ROW WHEN (NEW.role NOT IN ('patient', 'caregiver', 'healthpro')) EXECUTE FUNCTION auth.log_write('account');
CREATE TRIGGER account_removed_logged AFTER DELETE ON auth.account
    FOR EACH ROW WHEN (OLD.role NOT IN ('patient', 'caregiver', 'healthpro')) EXECUTE FUNCTION auth.log_write('account');
CREATE TRIGGER account_changed_logged AFTER UPDATE OF role, specialty, disabled, password_hash ON auth.account
    FOR EACH ROW WHEN ((OLD.role, OLD.specialty, OLD.disabled, OLD.password_hash)
        IS DISTINCT FROM (NEW.role, NEW.specialty, NEW.disabled, NEW.password_hash))
    EXECUTE FUNCTION auth.log_write('account');
CREATE TRIGGER signing_key_logged AFTER INSERT OR UPDATE OR DELETE ON auth.signing_key
    FOR EACH STATEMENT EXECUTE FUNCTION auth.log_write('signing_key');

-- Whoever has that name learns that somebody tried; the name itself is not written down, because what people type as
-- their name is sometimes their password.
CREATE FUNCTION auth.log_failed_login(tried text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    INSERT INTO auth.access_log (subject_id, object, outcome)
    VALUES ((SELECT a.id FROM auth.account a WHERE a.name_key = tried), 'session', 'refused');
END;

-- Who reads the log of a patient learns the names of those in it and no others.
CREATE FUNCTION auth.access_log_name(actor uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    RETURN (SELECT a.name FROM auth.account a
             WHERE a.id = actor
               AND (shared.acting_role() IN ('admin', 'superuser')
                    OR EXISTS (SELECT FROM auth.access_log l
                                WHERE l.subject_id = shared.acting_account() AND l.actor_id = actor)));

ALTER TABLE auth.access_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY read_own ON auth.access_log FOR SELECT TO mnemos_auth
    USING (subject_id = (SELECT shared.acting_account()) AND (SELECT shared.acting_role()) = 'patient');
CREATE POLICY read_all ON auth.access_log FOR SELECT TO mnemos_auth
    USING ((SELECT shared.acting_role()) IN ('admin', 'superuser'));

REVOKE ALL ON FUNCTION auth.access_log_month, auth.access_log_prepare, auth.access_log_digest, auth.access_log_unsealed,
    auth.log_write, auth.log_failed_login, auth.access_log_name FROM PUBLIC;
GRANT INSERT ON auth.access_entry TO mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;
GRANT SELECT ON auth.access_log TO mnemos_auth;
GRANT EXECUTE ON FUNCTION auth.access_log_prepare, auth.access_log_unsealed, auth.log_failed_login, auth.access_log_name
    TO mnemos_auth;
GRANT INSERT ON auth.access_seal TO mnemos_auth;

COMMIT;
