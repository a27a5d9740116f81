-- Verify mnemos:users/one_history on pg
SELECT 1 / (count(*) = 6)::int FROM pg_trigger
 WHERE tgfoid = 'users.history_keep()'::regprocedure
   AND tgrelid IN ('users.person'::regclass, 'users.assessment'::regclass, 'users.tumour'::regclass);
SELECT 1 / (count(*) = 3)::int FROM pg_trigger WHERE tgfoid = 'users.history_truncated()'::regprocedure;
SELECT 1 / (NOT has_function_privilege('mnemos_users', 'users.history_keep()', 'execute'))::int;
