-- Deploy mnemos:imaging/row_security to pg
--
-- Elements are nobody's, but not for everybody: whatever the service asks, PostgreSQL shows and changes them for
-- professionals, administrators and clients with the scope. Where a setting opens the historic path, the service acts for
-- a professional.
BEGIN;

ALTER TABLE imaging.element ENABLE ROW LEVEL SECURITY;
-- Whoever changes an element sees what it has become.
CREATE POLICY see ON imaging.element FOR SELECT USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('elements:read', 'elements:write')));
CREATE POLICY make ON imaging.element FOR INSERT WITH CHECK (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('elements:write')));
CREATE POLICY change ON imaging.element FOR UPDATE USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('elements:write')));
CREATE POLICY remove ON imaging.element FOR DELETE USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('elements:write')));

COMMIT;
