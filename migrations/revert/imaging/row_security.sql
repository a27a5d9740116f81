-- Revert mnemos:imaging/row_security from pg
BEGIN;

DROP POLICY see ON imaging.element;
DROP POLICY make ON imaging.element;
DROP POLICY change ON imaging.element;
DROP POLICY remove ON imaging.element;
ALTER TABLE imaging.element DISABLE ROW LEVEL SECURITY;

COMMIT;
