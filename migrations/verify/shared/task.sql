-- Verify mnemos:shared/task on pg
SELECT id, service, kind, owner_id, owner_role, state, priority, input, due_at, attempts, max_attempts, lease, lease_until,
       cancel_requested, step, steps, message, result, report, watched_until, version, created_at, pending_at, started_at,
       ended_at FROM shared.task WHERE false;
SELECT 1 / relrowsecurity::int FROM pg_catalog.pg_class WHERE oid = 'shared.task'::regclass;
SELECT 1 / has_function_privilege('mnemos_analytics', 'shared.task_claim(text[], integer[], integer)', 'execute')::int;
SELECT 1 / (NOT has_function_privilege('mnemos_analytics', 'shared.task_move(uuid, text, text, json, interval)', 'execute'))::int;
SELECT 1 / (NOT has_column_privilege('mnemos_analytics', 'shared.task', 'input', 'select'))::int;
SELECT 1 / (NOT has_table_privilege('mnemos_analytics', 'shared.task', 'update'))::int;
