-- Revert mnemos:users/history from pg
BEGIN;

DROP VIEW users.person_history;
DROP TRIGGER person_history_truncated ON users.person;
DROP TRIGGER person_kept ON users.person;
DROP TRIGGER person_stamped ON users.person;
DROP FUNCTION users.person_stamp, users.person_keep, users.person_history_truncated;
DROP TABLE users.person_version;
DROP FUNCTION users.person_kind;
ALTER TABLE users.person DROP COLUMN changed_by, DROP COLUMN changed_by_role;

COMMIT;
