-- Verify mnemos:users/tumour_export on pg
SELECT tumour_id, pt, treatment FROM users.research_tumour WHERE false;
SELECT 1 / has_table_privilege('mnemos_users', 'users.research_tumour', 'select')::int;
