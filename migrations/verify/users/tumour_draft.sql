-- Verify mnemos:users/tumour_draft on pg
SELECT id, owner_id, personal, medical_history, tumour, version, expires_at FROM users.tumour_draft WHERE false;
SELECT 1 / (count(*) = 1)::int FROM pg_class WHERE oid = 'users.tumour_draft'::regclass AND relrowsecurity;
SELECT 1 / has_function_privilege('mnemos_users', 'users.tumour_draft_expire(integer)', 'execute')::int;
