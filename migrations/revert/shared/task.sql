-- Revert mnemos:shared/task from pg
BEGIN;

DROP FUNCTION shared.task_submit, shared.task_claim, shared.task_heartbeat, shared.task_fence, shared.task_end,
    shared.task_tend, shared.task_cancel, shared.task_stop, shared.task_watch, shared.task_replay, shared.task_figures,
    shared.task_move, auth.is_active;
DROP TABLE shared.task;

COMMIT;
