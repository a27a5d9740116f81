-- Deploy mnemos:users/one_history to pg
--
-- People, assessments and tumours keep their versions by triggers that one function makes. It is told the columns that a
-- version has of the record; of none it is the row as a whole, as "record". Versions are written once for each statement, as
-- those of tumours have been. What is kept and from when until when is as before (users/history).
BEGIN;

-- A trigger that is told its columns would have its statement planned at each write, which made an update of a person by id
-- cost twice as much. So each table has functions of its own, all of this text; a migration that gives the table another
-- column calls it once more.
CREATE FUNCTION users.history_keep(of_table text, columns text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $make$
DECLARE
    members text := coalesce('o.' || replace(columns, ', ', ', o.'), format('ROW (o.*)::users.%I', of_table));
    event   record;
BEGIN
    FOR event IN
        SELECT of_table || '_' || e.noun || '_kept' AS name, e.* FROM (VALUES
            ('UPDATE', 'change', 'OLD TABLE AS old_rows NEW TABLE AS new_rows',
             'JOIN new_rows n ON n.id = o.id AND n.version = o.version + 1', ''),
            ('DELETE', 'removal', 'OLD TABLE AS old_rows',
             'CROSS JOIN LATERAL (SELECT greatest(now(), o.updated_at + interval ''1 microsecond'')) n (updated_at)',
             ', (o.version + 1, ''removed'', shared.acting_account(), shared.acting_role(), n.updated_at, NULL)'))
            e (happens, noun, rows, ended, removed)
    LOOP
        EXECUTE format($function$
            CREATE OR REPLACE FUNCTION users.%I() RETURNS trigger
                LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            BEGIN
                INSERT INTO users.%I (id, version, kind, changed_by, changed_by_role, valid_from, valid_until, %s)
                SELECT o.id, v.version, v.kind, v.changed_by, v.changed_by_role, v.valid_from, v.valid_until, %s
                  FROM old_rows o %s
                 CROSS JOIN LATERAL (VALUES
                    (o.version, users.person_kind(o.version), o.changed_by, o.changed_by_role, o.updated_at, n.updated_at)%s)
                       v (version, kind, changed_by, changed_by_role, valid_from, valid_until);
                RETURN NULL;
            END
            $$ $function$, event.name, of_table || '_version', coalesce(columns, 'record'), members, event.ended, event.removed);
        EXECUTE format('REVOKE ALL ON FUNCTION users.%I FROM PUBLIC', event.name);
        EXECUTE format('CREATE OR REPLACE TRIGGER %1$I AFTER %2$s ON users.%3$I REFERENCING %4$s'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION users.%1$I()', event.name, event.happens, of_table, event.rows);
    END LOOP;
END
$make$;

-- mnemosctl rebuild: other people, another history. The tables are named by the trigger.
CREATE FUNCTION users.history_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE 'TRUNCATE ' || TG_ARGV[0];
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION users.history_keep, users.history_truncated FROM PUBLIC;

DROP TRIGGER person_kept ON users.person;
DROP TRIGGER person_history_truncated ON users.person;
DROP TRIGGER assessment_kept ON users.assessment;
DROP TRIGGER assessment_truncated ON users.assessment;
DROP TRIGGER tumour_change_kept ON users.tumour;
DROP TRIGGER tumour_removal_kept ON users.tumour;
DROP TRIGGER tumour_truncated ON users.tumour;
DROP FUNCTION users.person_keep, users.person_history_truncated, users.assessment_keep, users.assessment_truncated,
    users.tumour_keep_changed, users.tumour_keep_removed, users.tumour_truncated;

SELECT users.history_keep('person',
    'name, status, specialty, birth_date, birth_date_estimated, mmse, caregiver_id, created_at, sex, schooling_years');
SELECT users.history_keep('assessment');
SELECT users.history_keep('tumour');

CREATE TRIGGER person_history_truncated AFTER TRUNCATE ON users.person
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_truncated('users.person_version');
CREATE TRIGGER assessment_truncated AFTER TRUNCATE ON users.assessment
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_truncated('users.assessment_version');
CREATE TRIGGER tumour_truncated AFTER TRUNCATE ON users.tumour
    FOR EACH STATEMENT EXECUTE FUNCTION users.history_truncated('users.tumour_version, users.tumour_treatment_version');

COMMIT;
