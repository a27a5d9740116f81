-- Deploy mnemos:users/count_planned to pg
BEGIN;

-- The same as before, in PL/pgSQL, which plans a statement once for each connection; a function of SQL that cannot be
-- inlined is planned with each call, and that took three quarters of the time.
CREATE OR REPLACE FUNCTION users.count_born(first date, last date, low integer, high integer) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF last < first THEN
        RETURN 0;
    END IF;
    RETURN (SELECT count(*) FROM users.person p
             WHERE p.birth_date BETWEEN first AND last AND p.mmse BETWEEN low AND high);
END
$$;

CREATE OR REPLACE FUNCTION users.count_by_age_band(today date)
    RETURNS TABLE (band integer, score integer, patients bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT least(greatest(extract(year FROM age(today, p.birth_date))::int / 10, 4), 9), p.mmse::integer, count(*)
      FROM users.person p WHERE p.birth_date IS NOT NULL GROUP BY 1, 2;
END
$$;

COMMIT;
