-- Deploy mnemos:users/tally to pg
--
-- "How many patients of 60 to 75 score over 20?" is asked all day and its answer changes seldom, so the counts are kept:
-- one row per year of birth, and in it, for each score s, how many patients have at least s. A count over any range of
-- scores is then a difference of two elements, over any range of whole years a sum of a few dozen rows; only the two
-- years at the ends of an age range are counted patient by patient. The year 0 has the patients of all years.
BEGIN;

CREATE TABLE users.person_tally (
    status text PRIMARY KEY,
    people bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE users.mmse_tally (
    birth_year integer PRIMARY KEY, -- 0: all
    at_least   bigint[] NOT NULL CHECK (array_length(at_least, 1) = 31) -- element s + 1: patients with mmse >= s
) WITH (fillfactor = 50);

CREATE FUNCTION users.tally_add(kind text, year integer, score integer, added bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO users.person_tally AS t VALUES (kind, added)
        ON CONFLICT (status) DO UPDATE SET people = t.people + excluded.people;
    IF score IS NOT NULL THEN
        INSERT INTO users.mmse_tally AS t
        SELECT y, (SELECT array_agg(CASE WHEN s <= score THEN added ELSE 0 END ORDER BY s) FROM generate_series(0, 30) s)
          FROM unnest(ARRAY[0, year]) y
            ON CONFLICT (birth_year) DO UPDATE SET at_least =
               (SELECT array_agg(a + b ORDER BY i) FROM unnest(t.at_least, excluded.at_least) WITH ORDINALITY u (a, b, i));
    END IF;
END
$$;

-- Always in the same order of rows, so that two transactions cannot wait for each other in a circle. The trigger's
-- argument says whether its rows have come (1) or gone (-1).
CREATE FUNCTION users.tally_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM users.tally_add(status, year, mmse, TG_ARGV[0]::bigint * n)
       FROM (SELECT status, extract(year FROM birth_date)::int AS year, mmse, count(*) AS n
               FROM changed_rows GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) change;
    RETURN NULL;
END
$$;

-- Only what differs, so that a new name touches no count.
CREATE FUNCTION users.tally_updated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM users.tally_add(status, year, mmse, n)
       FROM (SELECT status, extract(year FROM birth_date)::int AS year, mmse, sum(sign) AS n
               FROM (SELECT 1 AS sign, status, birth_date, mmse FROM new_rows
                     UNION ALL
                     SELECT -1, status, birth_date, mmse FROM old_rows) both_rows
              GROUP BY 1, 2, 3 HAVING sum(sign) <> 0 ORDER BY 1, 2, 3) change;
    RETURN NULL;
END
$$;

CREATE TRIGGER person_tally_inserted AFTER INSERT ON users.person REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.tally_changed('1');
CREATE TRIGGER person_tally_deleted AFTER DELETE ON users.person REFERENCING OLD TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.tally_changed('-1');
CREATE TRIGGER person_tally_updated AFTER UPDATE ON users.person REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION users.tally_updated();

CREATE FUNCTION users.tally_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    TRUNCATE users.person_tally, users.mmse_tally;
    RETURN NULL;
END
$$;
CREATE TRIGGER person_tally_truncated AFTER TRUNCATE ON users.person
    FOR EACH STATEMENT EXECUTE FUNCTION users.tally_truncated();

SELECT users.tally_add(status, year, mmse, n)
  FROM (SELECT status, extract(year FROM birth_date)::int AS year, mmse, count(*) AS n
          FROM users.person GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) present;

REVOKE ALL ON FUNCTION users.tally_add, users.tally_changed, users.tally_updated, users.tally_truncated
    FROM PUBLIC;

-- Sums of many people, no record of anyone.
CREATE VIEW users.published_mmse_tally AS SELECT birth_year, at_least FROM users.mmse_tally;
GRANT SELECT ON users.person_tally TO mnemos_users;
GRANT SELECT ON users.published_mmse_tally TO mnemos_analytics;

COMMIT;
