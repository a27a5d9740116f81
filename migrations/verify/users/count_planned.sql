-- Verify mnemos:users/count_planned on pg
SELECT 1 / (count(*) = 2)::int FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.oid IN ('users.count_born(date, date, integer, integer)'::regprocedure,
                 'users.count_by_age_band(date)'::regprocedure) AND l.lanname = 'plpgsql';
