-- Verify mnemos:auth/role on pg
SELECT 'auth.account_managed'::regclass;
SELECT 1 / (count(*) = 1)::int FROM pg_catalog.pg_constraint
 WHERE conrelid = 'auth.account'::regclass AND conname = 'account_role_check'
   AND pg_get_constraintdef(oid) LIKE '%researcher%client%';
SELECT 1 / (count(*) = 1)::int FROM pg_catalog.pg_trigger
 WHERE tgrelid = 'auth.account'::regclass AND tgname = 'sessions_end_with_account'
   AND pg_get_triggerdef(oid) LIKE '%researcher%client%';
