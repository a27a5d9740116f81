-- Revert mnemos:users/person from pg
DROP SCHEMA users CASCADE;
