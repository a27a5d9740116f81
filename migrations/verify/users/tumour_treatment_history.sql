-- Verify mnemos:users/tumour_treatment_history on pg
SELECT tumour_id, number, treatment, treated_from, treated_until, added_at, removed_at
  FROM users.tumour_treatment_version WHERE false;
SELECT added_at FROM users.tumour_treatment WHERE false;
SELECT 1 / (count(*) = 1)::int FROM pg_class
 WHERE oid = 'users.tumour_treatment_version'::regclass AND relrowsecurity;
