-- Verify mnemos:users/tumour_at_once on pg
SELECT 1 / (count(*) = 5)::int FROM pg_trigger
 WHERE tgrelid = 'users.tumour'::regclass
   AND tgname IN ('tumour_insert_logged', 'tumour_update_logged', 'tumour_delete_logged', 'tumour_change_kept',
                  'tumour_removal_kept');
