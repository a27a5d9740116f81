-- Verify mnemos:users/tumour_import on pg
SELECT id, state, file_name, rows, expires_at FROM users.tumour_import WHERE false;
SELECT import_id, line, tumour_id, version, first_name, pt, source_key FROM users.tumour_staged WHERE false;
SELECT 1 / (count(*) = 3)::int FROM pg_class
 WHERE relrowsecurity AND oid IN ('users.tumour_import'::regclass, 'users.tumour_staged'::regclass,
       'users.tumour_import_error'::regclass);
