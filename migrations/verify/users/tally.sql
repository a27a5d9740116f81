-- Verify mnemos:users/tally on pg
SELECT birth_year, at_least FROM users.published_mmse_tally WHERE false;
SELECT 1 / (coalesce((SELECT sum(people) FROM users.person_tally), 0) = (SELECT count(*) FROM users.person))::int;
