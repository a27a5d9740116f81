-- Revert mnemos:auth/access_log from pg
BEGIN;

DROP TRIGGER account_made_logged ON auth.account;
DROP TRIGGER account_removed_logged ON auth.account;
DROP TRIGGER account_changed_logged ON auth.account;
DROP TRIGGER signing_key_logged ON auth.signing_key;
DROP FUNCTION auth.log_failed_login, auth.access_log_name, auth.log_write, auth.access_log_unsealed, auth.access_log_prepare;
DROP TABLE auth.access_seal;
DROP VIEW auth.access_entry;
DROP FUNCTION auth.access_log_digest;
DROP TABLE auth.access_log;
DROP FUNCTION auth.access_log_month;

COMMIT;
