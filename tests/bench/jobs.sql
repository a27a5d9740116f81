-- The same with nothing but PostgreSQL, for pgbench: claim one, write its row and finish it. No leases, owners, attempts,
-- reports or notifications.
UPDATE shared.task SET state = 'executing', lease = gen_random_uuid(), lease_until = now() + interval '30 seconds'
 WHERE id = (SELECT id FROM shared.task
              WHERE service = 'mnemos_analytics' AND state = 'pending' AND priority = 1 AND due_at <= now()
              ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id \gset
BEGIN;
INSERT INTO public.bench_note (task_id) VALUES (:id::uuid);
UPDATE shared.task SET state = 'finished', lease = NULL, lease_until = NULL, ended_at = clock_timestamp() WHERE id = :id::uuid;
COMMIT;
