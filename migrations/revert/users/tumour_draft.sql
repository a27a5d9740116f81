-- Revert mnemos:users/tumour_draft from pg
BEGIN;

DROP FUNCTION users.tumour_draft_expire;
DROP TABLE users.tumour_draft;

COMMIT;
