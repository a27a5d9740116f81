-- Verify mnemos:shared/import on pg
SELECT id, kind, service, state, file_name, rows, digest, expires_at FROM shared.import WHERE false;
SELECT import_id, line, record FROM shared.import_row WHERE false;
SELECT 1 / (count(*) = 3)::int FROM pg_class
 WHERE relrowsecurity
   AND oid IN ('shared.import'::regclass, 'shared.import_row'::regclass, 'shared.import_error'::regclass);
SELECT 1 / has_function_privilege('mnemos_users', 'shared.import_expire(integer)', 'execute')::int;
