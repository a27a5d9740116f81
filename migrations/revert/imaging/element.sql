-- Revert mnemos:imaging/element from pg
DROP SCHEMA imaging CASCADE;
