-- Revert mnemos:auth/access_log_names from pg
BEGIN;

CREATE OR REPLACE FUNCTION auth.access_log_name(actor uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    RETURN (SELECT a.name FROM auth.account a
             WHERE a.id = actor
               AND (shared.acting_role() IN ('admin', 'superuser')
                    OR EXISTS (SELECT FROM auth.access_log l
                                WHERE l.subject_id = shared.acting_account() AND l.actor_id = actor)));

COMMIT;
