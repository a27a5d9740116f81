-- Revert mnemos:auth/account from pg
DROP SCHEMA auth CASCADE;
