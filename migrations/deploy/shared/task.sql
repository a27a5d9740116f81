-- Deploy mnemos:shared/task to pg
--
-- Tasks: work that takes longer than a request. One table for all services, because a task is the same thing in each of
-- them, one operator looks after all of them, and the functions that nothing may go wrong in are there once. A service
-- sees through them, and through the policy, no tasks but its own: `service` is the login role that asked.
--
--   created    not before due_at
--   pending    waits for a worker; after a failed attempt not before due_at
--   executing  a worker has it, as long as it says so before lease_until
--   finished, error, cancelled    over; error: the dead letters, which an operator can replay
--
-- `lease` is the token of one attempt. Whatever a worker says about a task it says with that token, and under the lock of
-- the row: who has lost it is told so, and writes nothing. Tokens are random, so that one that a crashed PostgreSQL has
-- forgotten (claims are not waited for) never comes again.
BEGIN;

CREATE TABLE shared.task (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    service          name NOT NULL DEFAULT session_user,
    kind             text NOT NULL CHECK (char_length(kind) BETWEEN 1 AND 80),
    owner_id         uuid,          -- NULL: nobody's, an operator's
    owner_role       text,          -- as the request named it, scopes behind it
    state            text NOT NULL CHECK (state IN ('created', 'pending', 'executing', 'finished', 'error', 'cancelled')),
    priority         smallint NOT NULL DEFAULT 1 CHECK (priority BETWEEN 0 AND 2),
    input            json COMPRESSION lz4 NOT NULL CHECK (octet_length(input::text) <= 65536),
    due_at           timestamptz NOT NULL DEFAULT now(),
    attempts         integer NOT NULL DEFAULT 0,
    max_attempts     integer NOT NULL CHECK (max_attempts BETWEEN 1 AND 100),
    lease            uuid,
    lease_until      timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    step             integer,
    steps            integer,
    message          text CHECK (char_length(message) <= 200),
    result           text CHECK (char_length(result) <= 500),
    report           json COMPRESSION lz4 CHECK (octet_length(report::text) <= 262144),
    watched_until    timestamptz,   -- somebody waits for the end and wants to be told
    version          bigint NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    pending_at       timestamptz,
    started_at       timestamptz,
    ended_at         timestamptz,
    CONSTRAINT task_leased CHECK ((state = 'executing') = (lease IS NOT NULL)
                                  AND (lease IS NULL) = (lease_until IS NULL)),
    CONSTRAINT task_ended CHECK ((state IN ('finished', 'error', 'cancelled')) = (ended_at IS NOT NULL))
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

-- Each walks only what it is for; lease_until is in none, so that a heartbeat changes no index.
CREATE INDEX task_queue ON shared.task (service, priority, due_at) WHERE state = 'pending';
CREATE INDEX task_delayed ON shared.task (service, due_at) WHERE state = 'created';
CREATE INDEX task_leases ON shared.task (service) WHERE state = 'executing';
CREATE INDEX task_errors ON shared.task (service, ended_at) WHERE state = 'error';
CREATE INDEX task_by_end ON shared.task (service, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX task_by_owner ON shared.task (owner_id, created_at) WHERE owner_id IS NOT NULL;

-- The own ones, and nobody else's, not even for administrators.
ALTER TABLE shared.task ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shared.task FOR SELECT
    USING (service = session_user AND owner_id = (SELECT shared.acting_account()));
GRANT SELECT (id, kind, state, priority, due_at, attempts, max_attempts, cancel_requested, step, steps, message, result,
              report, version, created_at, pending_at, started_at, ended_at)
    ON shared.task TO mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;

-- Published by auth: what was asked for by somebody who has been shut out since is not done.
CREATE FUNCTION auth.is_active(account uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM auth.account a WHERE a.id = account AND NOT a.disabled);
END
$$;

-- In the transaction of who asks. NULL: the account has as many open tasks as it may have.
--
-- Notifications are handed out one transaction after the other, so only the first of many tasks wakes a worker; it goes
-- on until there are no more, and looks once in a second anyway.
CREATE FUNCTION shared.task_submit(kind text, input json, priority integer, delay_s integer, max_attempts integer,
                                   open_max integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    owner   uuid := shared.acting_account();
    waiting boolean;
    made    uuid;
BEGIN
    IF owner IS NOT NULL AND open_max <=
       (SELECT count(*) FROM shared.task t WHERE t.owner_id = owner AND t.service = session_user AND t.ended_at IS NULL)
    THEN
        RETURN NULL;
    END IF;
    waiting := EXISTS (SELECT FROM shared.task t
                        WHERE t.service = session_user AND t.state = 'pending' AND t.priority = task_submit.priority
                          AND t.due_at <= now());
    INSERT INTO shared.task AS t (kind, owner_id, owner_role, state, priority, input, due_at, max_attempts, pending_at)
    VALUES (task_submit.kind, owner, nullif(current_setting('mnemos.role', true), ''),
            CASE WHEN delay_s > 0 THEN 'created' ELSE 'pending' END, task_submit.priority, task_submit.input,
            now() + make_interval(secs => delay_s), task_submit.max_attempts, CASE WHEN delay_s > 0 THEN NULL ELSE now() END)
    RETURNING t.id INTO made;
    IF NOT waiting AND delay_s <= 0 THEN
        PERFORM pg_notify('task_pending', session_user);
    END IF;
    RETURN made;
END
$$;

-- Away from where it is; the caller holds the lock of the row. `retry` and `returned` go back to the queue, unless it was
-- to be cancelled or has failed often enough; what was returned has not failed.
CREATE FUNCTION shared.task_move(task uuid, towards text, result text, report json, pause interval) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t       shared.task;
    becomes text := towards;
BEGIN
    SELECT * INTO STRICT t FROM shared.task k WHERE k.id = task;
    IF towards IN ('retry', 'returned') THEN
        becomes := CASE WHEN t.cancel_requested THEN 'cancelled'
                      WHEN towards = 'retry' AND t.attempts >= t.max_attempts THEN 'error'
                      ELSE 'pending' END;
    END IF;
    UPDATE shared.task k
       SET state = becomes, lease = NULL, lease_until = NULL, version = t.version + 1,
           attempts = t.attempts - (towards = 'returned')::int,
           result = task_move.result,
           report = CASE WHEN becomes = 'cancelled' THEN NULL ELSE task_move.report END,
           due_at = CASE WHEN becomes = 'pending' THEN clock_timestamp() + pause ELSE t.due_at END,
           pending_at = CASE WHEN becomes = 'pending' THEN clock_timestamp() ELSE t.pending_at END,
           ended_at = CASE WHEN becomes = 'pending' THEN NULL ELSE clock_timestamp() END
     WHERE k.id = task;
    IF becomes = 'pending' AND pause <= interval '0' THEN
        PERFORM pg_notify('task_pending', t.service);
    ELSIF becomes <> 'pending' AND t.watched_until > now() THEN
        PERFORM pg_notify('task_ended', task::text);
    END IF;
    RETURN becomes;
END
$$;

-- A worker takes up to so many of the kinds it knows, the most urgent first. That it did need not be waited for: what a
-- crash of PostgreSQL forgets of it is pending again.
CREATE FUNCTION shared.task_claim(kinds text[], lease_s integer[], wanted integer)
    RETURNS TABLE (task_id uuid, lease uuid, kind text, input text, owner_id uuid, owner_role text, attempt integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k record;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR urgency IN REVERSE 2..0 LOOP
        FOR k IN SELECT t.id, t.kind, t.owner_id FROM shared.task t
                  WHERE t.service = session_user AND t.state = 'pending' AND t.priority = urgency AND t.due_at <= now()
                    AND t.kind = ANY (kinds)
                  ORDER BY t.due_at LIMIT wanted FOR UPDATE SKIP LOCKED LOOP
            IF k.owner_id IS NOT NULL AND NOT auth.is_active(k.owner_id) THEN
                PERFORM shared.task_move(k.id, 'cancelled', NULL, NULL, NULL);
                CONTINUE;
            END IF;
            RETURN QUERY
            UPDATE shared.task t
               SET state = 'executing', attempts = t.attempts + 1, lease = gen_random_uuid(), step = NULL, steps = NULL,
                   message = NULL, started_at = clock_timestamp(), version = t.version + 1,
                   lease_until = clock_timestamp() + make_interval(secs => lease_s[array_position(kinds, k.kind)])
             WHERE t.id = k.id
            RETURNING t.id, t.lease, t.kind, t.input::text, t.owner_id, t.owner_role, t.attempts;
            wanted := wanted - 1;
        END LOOP;
        EXIT WHEN wanted <= 0;
    END LOOP;
END
$$;

-- For all jobs of a worker at once: [{"id", "lease", "lease_s", "step", "steps", "message"}]. A row that is locked is about
-- to be finished or cancelled and not waited for.
CREATE FUNCTION shared.task_heartbeat(jobs json)
    RETURNS TABLE (task_id uuid, held boolean, cancel_requested boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    WITH mine AS MATERIALIZED (
        SELECT j.* FROM json_to_recordset(jobs) j (id uuid, lease uuid, lease_s integer, step integer, steps integer,
                                                   message text)
          JOIN shared.task t ON t.id = j.id AND t.lease = j.lease AND t.service = session_user
           FOR UPDATE OF t SKIP LOCKED)
    UPDATE shared.task t
       SET lease_until = clock_timestamp() + make_interval(secs => m.lease_s),
           step = m.step, steps = m.steps, message = m.message,
           version = t.version + ((t.step, t.steps, t.message) IS DISTINCT FROM (m.step, m.steps, m.message))::int
      FROM mine m WHERE t.id = m.id;
    RETURN QUERY
    SELECT j.id, t.id IS NOT NULL, coalesce(t.cancel_requested, false)
      FROM json_to_recordset(jobs) j (id uuid, lease uuid)
      LEFT JOIN shared.task t ON t.id = j.id AND t.lease = j.lease AND t.service = session_user;
END
$$;

-- The beginning of the transaction that finishes a task: from here to its end nobody takes the task over. `held`,
-- `cancelled`: it is not wanted any more, or `lost`.
CREATE FUNCTION shared.task_fence(task uuid, token uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cancelled boolean;
BEGIN
    SELECT t.cancel_requested INTO cancelled FROM shared.task t
     WHERE t.id = task AND t.lease = token AND t.service = session_user FOR UPDATE;
    RETURN CASE WHEN NOT FOUND THEN 'lost' WHEN cancelled THEN 'cancelled' ELSE 'held' END;
END
$$;

-- What became of an attempt; the state of the task, or NULL when the lease was lost. The pause after a failure doubles
-- with each, up to ten minutes, and varies, so that what failed together is not tried again together.
CREATE FUNCTION shared.task_end(task uuid, token uuid, towards text, result text, report json, retry_ms integer)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempts integer;
    pause    interval := '0';
BEGIN
    SELECT t.attempts INTO attempts FROM shared.task t
     WHERE t.id = task AND t.lease = token AND t.service = session_user FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF towards = 'retry' THEN
        pause := make_interval(secs => least(retry_ms / 1000.0 * 2 ^ least(attempts - 1, 20), 600) * (0.5 + random() / 2));
    END IF;
    RETURN shared.task_move(task, towards, result, report, pause);
END
$$;

-- What every worker does once in a second, a hundred rows at a time. Whose worker fell silent goes back to the queue, or
-- is given up after as many attempts as it has; what waited for its time is pending; what is over for long goes.
CREATE FUNCTION shared.task_tend(keep_days integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM shared.task_move(t.id, 'retry', NULL, json_build_object(
                'type', '/problems/worker-lost', 'title', 'Worker lost',
                'detail', 'The worker fell silent in the midst of it, each time.', 'attempt', t.attempts), '0')
       FROM (SELECT k.id, k.attempts FROM shared.task k
              WHERE k.service = session_user AND k.state = 'executing' AND k.lease_until < clock_timestamp()
              ORDER BY k.lease_until LIMIT 100 FOR UPDATE SKIP LOCKED) t;
    UPDATE shared.task k SET state = 'pending', pending_at = now(), version = k.version + 1
      FROM (SELECT d.id FROM shared.task d WHERE d.service = session_user AND d.state = 'created' AND d.due_at <= now()
             ORDER BY d.due_at LIMIT 100 FOR UPDATE SKIP LOCKED) due
     WHERE k.id = due.id;
    DELETE FROM shared.task k
     USING (SELECT o.id FROM shared.task o
             WHERE o.service = session_user AND o.ended_at < now() - make_interval(days => keep_days)
             ORDER BY o.ended_at LIMIT 100 FOR UPDATE SKIP LOCKED) old
     WHERE k.id = old.id;
END
$$;

-- At once where no worker has it; otherwise its worker is told. NULL: there is no such task.
CREATE FUNCTION shared.task_stop(task uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t shared.task;
BEGIN
    SELECT * INTO t FROM shared.task k WHERE k.id = task FOR UPDATE;
    IF t.state IN ('created', 'pending') THEN
        RETURN shared.task_move(task, 'cancelled', NULL, NULL, NULL);
    END IF;
    IF t.state = 'executing' AND NOT t.cancel_requested THEN
        UPDATE shared.task k SET cancel_requested = true, version = k.version + 1 WHERE k.id = task;
        PERFORM pg_notify('task_cancelled', task::text);
    END IF;
    RETURN t.state;
END
$$;

-- The same for its owner.
CREATE FUNCTION shared.task_cancel(task uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM shared.task t
      WHERE t.id = task AND t.service = session_user AND t.owner_id = shared.acting_account();
    RETURN CASE WHEN FOUND THEN shared.task_stop(task) END;
END
$$;

-- Its owner wants to be told when it ends, if it does in so many seconds. Under the lock of the row, so that it either
-- has ended, which the answer says, or will tell.
CREATE FUNCTION shared.task_watch(task uuid, seconds integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state text;
BEGIN
    UPDATE shared.task t
       SET watched_until = greatest(t.watched_until, clock_timestamp() + make_interval(secs => seconds))
     WHERE t.id = task AND t.service = session_user AND t.owner_id = shared.acting_account()
    RETURNING t.state INTO state;
    RETURN state;
END
$$;

-- An operator gives what has failed, or was cancelled, another chance. False: it is not over, or has been finished.
CREATE FUNCTION shared.task_replay(task uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t shared.task;
BEGIN
    SELECT * INTO t FROM shared.task k WHERE k.id = task AND k.state IN ('error', 'cancelled') FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE shared.task k SET cancel_requested = false, attempts = 0 WHERE k.id = task;
    PERFORM shared.task_move(task, 'retry', NULL, NULL, '0');
    RETURN true;
END
$$;

-- For the metrics of a service: how many wait, run and have failed, and for how long the first has waited.
CREATE FUNCTION shared.task_figures() RETURNS TABLE (kind text, state text, tasks bigint, age_s double precision)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT t.kind, t.state, count(*),
           coalesce(max(extract(epoch FROM now() - CASE t.state WHEN 'pending' THEN t.due_at ELSE t.started_at END))
                    FILTER (WHERE t.due_at <= now()), 0)::double precision
      FROM shared.task t
     WHERE t.service = session_user AND t.state IN ('created', 'pending', 'executing')
     GROUP BY t.kind, t.state
     UNION ALL
    SELECT t.kind, t.state, count(*), 0::double precision FROM shared.task t
     WHERE t.service = session_user AND t.state = 'error' GROUP BY t.kind, t.state;
END
$$;

REVOKE ALL ON FUNCTION auth.is_active, shared.task_submit, shared.task_move, shared.task_claim, shared.task_heartbeat,
    shared.task_fence, shared.task_end, shared.task_tend, shared.task_stop, shared.task_cancel, shared.task_watch,
    shared.task_replay, shared.task_figures FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shared.task_submit, shared.task_claim, shared.task_heartbeat, shared.task_fence,
    shared.task_end, shared.task_tend, shared.task_cancel, shared.task_watch, shared.task_figures
    TO mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;

COMMIT;
