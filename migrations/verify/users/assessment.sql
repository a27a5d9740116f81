-- Verify mnemos:users/assessment on pg
SELECT id, version, kind, changed_by, changed_by_role, valid_from, valid_until, (record).mmse
  FROM users.assessment_history WHERE false;
SELECT patient_id, assessed_on, mmse FROM users.published_visit WHERE false;
SELECT sex, schooling_years FROM users.published_person WHERE false;
SELECT 1 / (count(*) = 2)::int FROM pg_class
 WHERE relrowsecurity AND oid IN ('users.assessment'::regclass, 'users.assessment_version'::regclass);
SELECT 1 / (NOT has_table_privilege('mnemos_users', 'users.assessment_version', 'insert, update, delete, truncate'))::int;
SELECT 1 / (NOT has_column_privilege('mnemos_analytics', 'users.assessment', 'note', 'select'))::int;
SELECT 1 / has_function_privilege('mnemos_users', 'users.rank_mmse(date, date, integer, integer, integer)', 'execute')::int;
-- Each patient's score is that of the latest assessment.
SELECT 1 / (NOT EXISTS (SELECT FROM users.person p
                         WHERE p.status = 'patient' AND p.mmse IS DISTINCT FROM users.latest_mmse(p.id)))::int;
