-- Revert mnemos:shared/answer from pg
BEGIN;

DROP FUNCTION shared.answer_claim, shared.answer_keep;
DROP TABLE shared.answer;

COMMIT;
