-- Deploy mnemos:users/row_security to pg
--
-- The second wall: whatever a service asks, PostgreSQL shows and changes only what is theirs who are asking. People see
-- themselves, caregivers their patients; healthcare professionals and administrators see everybody.
BEGIN;

ALTER TABLE users.person ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON users.person FOR SELECT USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR id = (SELECT shared.acting_account())
    OR (caregiver_id = (SELECT shared.acting_account()) AND (SELECT shared.acting_role()) = 'caregiver'));

-- Newcomers make the record of themselves; colleagues are let in by colleagues.
CREATE POLICY make ON users.person FOR INSERT WITH CHECK (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (id = (SELECT shared.acting_account()) AND status = (SELECT shared.acting_role())
        AND status IN ('patient', 'caregiver')));

-- Professionals look after patients and caregivers, and each after the record of himself; of colleagues it is the
-- administrators who do.
CREATE POLICY change ON users.person FOR UPDATE USING (
    (SELECT shared.acting_role()) IN ('admin', 'superuser')
    OR ((SELECT shared.acting_role()) = 'healthpro'
        AND (status <> 'healthpro' OR id = (SELECT shared.acting_account()))));
CREATE POLICY remove ON users.person FOR DELETE USING (
    (SELECT shared.acting_role()) IN ('admin', 'superuser')
    OR ((SELECT shared.acting_role()) = 'healthpro' AND status <> 'healthpro'));

-- Every write leaves its entry, with it or not at all.
CREATE TRIGGER person_logged AFTER INSERT OR UPDATE OR DELETE ON users.person
    FOR EACH ROW WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION auth.log_write('person');

-- The analytics service sees through the same policies, and no more columns than before.
DROP VIEW users.published_person;
CREATE VIEW users.published_person WITH (security_invoker) AS
    SELECT id, name_key, status, birth_date, mmse FROM users.person;
GRANT SELECT ON users.published_person TO mnemos_analytics;
GRANT SELECT (id, name_key, status, birth_date, mmse) ON users.person TO mnemos_analytics;

-- Numbers of people are no secret and must not depend on who asks, so they are counted on behalf of the owner.
CREATE FUNCTION users.count_born(first date, last date, low integer, high integer) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    RETURN (SELECT count(*) FROM users.person p WHERE p.birth_date BETWEEN first AND last AND p.mmse BETWEEN low AND high);

CREATE FUNCTION users.count_by_age_band(today date) RETURNS TABLE (band integer, score integer, patients bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT least(greatest(extract(year FROM age(today, p.birth_date))::int / 10, 4), 9), p.mmse::integer, count(*)
      FROM users.person p WHERE p.birth_date IS NOT NULL GROUP BY 1, 2;
END;

REVOKE ALL ON FUNCTION users.count_born, users.count_by_age_band FROM PUBLIC;
GRANT EXECUTE ON FUNCTION users.count_born, users.count_by_age_band TO mnemos_analytics;

COMMIT;
