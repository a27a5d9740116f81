-- Verify mnemos:users/one_history on pg
SELECT 1 / (count(*) = 6)::int FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE t.tgrelid IN ('users.person'::regclass, 'users.assessment'::regclass, 'users.tumour'::regclass)
   AND t.tgname ~ '_(change|removal)_kept$' AND p.proname = t.tgname AND p.prosecdef
   AND NOT has_function_privilege('mnemos_users', p.oid, 'execute');
SELECT 1 / (count(*) = 3)::int FROM pg_trigger WHERE tgfoid = 'users.history_truncated()'::regprocedure;
SELECT 1 / (NOT has_function_privilege('mnemos_users', 'users.history_keep(text, text)', 'execute'))::int;
