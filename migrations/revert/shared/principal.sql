-- Revert mnemos:shared/principal from pg
BEGIN;

DROP FUNCTION shared.acting_account, shared.acting_role, shared.acting_request;

COMMIT;
