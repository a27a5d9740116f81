-- Verify mnemos:users/tumour_import on pg
--
-- shared/import gives the tables other names.
SELECT 1 / (count(*) = 3)::int FROM pg_class
 WHERE relrowsecurity
   AND oid IN (coalesce(to_regclass('shared.import'), to_regclass('users.tumour_import')),
               coalesce(to_regclass('shared.import_row'), to_regclass('users.tumour_staged')),
               coalesce(to_regclass('shared.import_error'), to_regclass('users.tumour_import_error')));
