-- Deploy mnemos:users/visit_cohort to pg
--
-- What models of the next score learn from: everybody's scores over time, without anything that says whose they are.
-- People are numbered for this answer only. Whoever trains need not be one who may see patients, so it is read on behalf
-- of the owner, and says itself who may.
BEGIN;

-- Of several scores of one day the last one counts, as it does in users.person: which it is says the number.
CREATE OR REPLACE VIEW users.published_visit WITH (security_invoker) AS
    SELECT id, patient_id, assessed_on, mmse, number FROM users.assessment;
GRANT SELECT (number) ON users.assessment TO mnemos_analytics;

-- Ages in years; sex as 1 (male) and 0 (female), otherwise not known. What is NULL in the arguments narrows nothing. Of
-- somebody with more than a thousand visits the latest count.
CREATE FUNCTION users.visit_cohort(min_age integer, max_age integer, first date, last date, min_visits integer,
                                   at_most bigint)
    RETURNS TABLE (subject bigint, assessed_on date, age double precision, mmse double precision,
                   male double precision, schooling_years double precision)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(shared.acting_role(), '') NOT IN ('researcher', 'healthpro', 'admin', 'superuser')
       AND NOT shared.acting_scope('models:write') THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH day AS (
        SELECT DISTINCT ON (a.patient_id, a.assessed_on) a.patient_id, a.assessed_on, a.mmse::double precision AS mmse,
               p.sex, p.schooling_years, (a.assessed_on - p.birth_date) / 365.25::double precision AS age
          FROM users.assessment a JOIN users.person p ON p.id = a.patient_id
         WHERE a.assessed_on > p.birth_date
           AND (first IS NULL OR a.assessed_on >= first) AND (last IS NULL OR a.assessed_on <= last)
           AND (min_age IS NULL OR a.assessed_on >= p.birth_date + make_interval(years => min_age))
           AND (max_age IS NULL OR a.assessed_on < p.birth_date + make_interval(years => max_age + 1))
         ORDER BY a.patient_id, a.assessed_on, a.number DESC),
    visit AS (
        SELECT d.*, count(*) OVER (PARTITION BY d.patient_id) AS visits,
               row_number() OVER (PARTITION BY d.patient_id ORDER BY d.assessed_on DESC) AS latest
          FROM day d)
    SELECT dense_rank() OVER (ORDER BY v.patient_id), v.assessed_on, v.age, v.mmse,
           CASE v.sex WHEN 'male' THEN 1 WHEN 'female' THEN 0 END::double precision, v.schooling_years::double precision
      FROM visit v
     WHERE v.visits >= coalesce(min_visits, 1) AND v.latest <= 1000
     ORDER BY v.patient_id, v.assessed_on LIMIT at_most;
END
$$;

REVOKE ALL ON FUNCTION users.visit_cohort FROM PUBLIC;
GRANT EXECUTE ON FUNCTION users.visit_cohort TO mnemos_analytics;

COMMIT;
