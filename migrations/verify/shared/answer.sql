-- Verify mnemos:shared/answer on pg
SELECT service, scope, fingerprint, http_status, content_type, location, etag, body, expires_at FROM shared.answer
 WHERE false;
SELECT 1 / has_function_privilege('mnemos_users', 'shared.answer_claim(bytea, bytea)', 'execute')::int;
SELECT 1 / (NOT has_table_privilege('mnemos_users', 'shared.answer', 'select'))::int;
