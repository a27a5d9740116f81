-- Deploy mnemos:users/scope to pg
--
-- Clients may see and change people where their scopes say so. The services name the scopes behind the role, as in
-- "client people:read counts:read".
BEGIN;

CREATE OR REPLACE FUNCTION shared.acting_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(split_part(current_setting('mnemos.role', true), ' ', 1), '');
CREATE FUNCTION shared.acting_scope(VARIADIC scopes text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('mnemos.role', true) LIKE 'client %'
                    AND string_to_array(current_setting('mnemos.role', true), ' ') && scopes, false);

-- Whoever changes a person sees what it has become.
ALTER POLICY see ON users.person USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR id = (SELECT shared.acting_account())
    OR (caregiver_id = (SELECT shared.acting_account()) AND (SELECT shared.acting_role()) = 'caregiver')
    OR (SELECT shared.acting_scope('people:read', 'people:write')));
ALTER POLICY change ON users.person USING (
    (SELECT shared.acting_role()) IN ('admin', 'superuser')
    OR ((SELECT shared.acting_role()) = 'healthpro'
        AND (status <> 'healthpro' OR id = (SELECT shared.acting_account())))
    OR ((SELECT shared.acting_scope('people:write')) AND status <> 'healthpro'));

COMMIT;
