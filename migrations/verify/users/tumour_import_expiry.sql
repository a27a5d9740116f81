-- Verify mnemos:users/tumour_import_expiry on pg
--
-- shared/import gives both other names.
SELECT 1 / (coalesce(to_regclass('shared.import_by_expiry'), to_regclass('users.tumour_import_by_expiry')) IS NOT NULL)::int;
SELECT 1 / has_function_privilege('mnemos_users', coalesce(to_regprocedure('shared.import_expire(integer)'),
                                  to_regprocedure('users.tumour_import_expire(integer)')), 'execute')::int;
