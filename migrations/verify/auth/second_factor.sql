-- Verify mnemos:auth/second_factor on pg
BEGIN;

SELECT id, secret_sealed, begun_at, confirmed_at, last_step FROM auth.second_factor WHERE false;
SELECT account_id, hash FROM auth.recovery_code WHERE false;
SELECT 1 / has_function_privilege('mnemos_auth', 'auth.use_second_factor(uuid, bigint)', 'EXECUTE')::int;
SELECT 1 / (NOT has_table_privilege('mnemos_auth', 'auth.second_factor', 'SELECT'))::int;

ROLLBACK;
