-- Revert mnemos:auth/second_factor from pg
BEGIN;

DROP FUNCTION auth.second_factor_of, auth.use_second_factor, auth.use_recovery_code, auth.begin_second_factor,
    auth.replace_recovery_codes, auth.confirm_second_factor, auth.remove_second_factor, auth.reset_second_factor;
DROP TABLE auth.recovery_code, auth.second_factor;

COMMIT;
