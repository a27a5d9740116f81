-- Revert mnemos:auth/signing_key_use from pg
BEGIN;
DROP VIEW auth.published_signing_key;
CREATE VIEW auth.published_signing_key AS
    SELECT id, public_key, created_at FROM auth.signing_key WHERE retired_at IS NULL;
GRANT SELECT ON auth.published_signing_key TO mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;
ALTER TABLE auth.signing_key DROP COLUMN use_from;
COMMIT;
