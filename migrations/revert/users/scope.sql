-- Revert mnemos:users/scope from pg
BEGIN;

ALTER POLICY see ON users.person USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR id = (SELECT shared.acting_account())
    OR (caregiver_id = (SELECT shared.acting_account()) AND (SELECT shared.acting_role()) = 'caregiver'));
ALTER POLICY change ON users.person USING (
    (SELECT shared.acting_role()) IN ('admin', 'superuser')
    OR ((SELECT shared.acting_role()) = 'healthpro'
        AND (status <> 'healthpro' OR id = (SELECT shared.acting_account()))));

DROP FUNCTION shared.acting_scope;
CREATE OR REPLACE FUNCTION shared.acting_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('mnemos.role', true), '');

COMMIT;
