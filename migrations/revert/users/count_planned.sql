-- Revert mnemos:users/count_planned from pg
BEGIN;

CREATE OR REPLACE FUNCTION users.count_born(first date, last date, low integer, high integer) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    RETURN (SELECT count(*) FROM users.person p WHERE p.birth_date BETWEEN first AND last AND p.mmse BETWEEN low AND high);

CREATE OR REPLACE FUNCTION users.count_by_age_band(today date)
    RETURNS TABLE (band integer, score integer, patients bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT least(greatest(extract(year FROM age(today, p.birth_date))::int / 10, 4), 9), p.mmse::integer, count(*)
      FROM users.person p WHERE p.birth_date IS NOT NULL GROUP BY 1, 2;
END;

COMMIT;
