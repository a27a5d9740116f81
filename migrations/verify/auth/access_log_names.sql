-- Verify mnemos:auth/access_log_names on pg
SELECT 1 / (auth.access_log_name(gen_random_uuid()) IS NULL)::int;
