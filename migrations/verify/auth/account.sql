-- Verify mnemos:auth/account on pg
SELECT id, name, name_key, role, specialty, password_hash, created_at FROM auth.account WHERE false;
SELECT id, account_id, created_at, expires_at, ended_at FROM auth.session WHERE false;
SELECT id, public_key, private_key_sealed, created_at, retired_at FROM auth.signing_key WHERE false;
SELECT 1 / has_function_privilege('mnemos_users', 'auth.create_account(uuid, text, text, text, text)', 'execute')::int;
SELECT 1 / (NOT has_table_privilege('mnemos_users', 'auth.account', 'select'))::int;
