-- Revert mnemos:users/row_security from pg
BEGIN;

DROP FUNCTION users.count_born, users.count_by_age_band;
REVOKE SELECT (id, name_key, status, birth_date, mmse) ON users.person FROM mnemos_analytics;
DROP VIEW users.published_person;
CREATE VIEW users.published_person AS
    SELECT id, name, name_key, status, birth_date, mmse FROM users.person;
GRANT SELECT ON users.published_person TO mnemos_analytics;
DROP TRIGGER person_logged ON users.person;
DROP POLICY see ON users.person;
DROP POLICY make ON users.person;
DROP POLICY change ON users.person;
DROP POLICY remove ON users.person;
ALTER TABLE users.person DISABLE ROW LEVEL SECURITY;

COMMIT;
