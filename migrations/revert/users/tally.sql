-- Revert mnemos:users/tally from pg
BEGIN;

DROP TRIGGER person_tally_inserted ON users.person;
DROP TRIGGER person_tally_deleted ON users.person;
DROP TRIGGER person_tally_updated ON users.person;
DROP TRIGGER person_tally_truncated ON users.person;
DROP FUNCTION users.tally_changed, users.tally_updated, users.tally_truncated, users.tally_add;
DROP VIEW users.published_mmse_tally;
DROP TABLE users.mmse_tally, users.person_tally;

COMMIT;
