-- Deploy mnemos:auth/signing_key_use to pg
BEGIN;

-- A key is published before it is used: tokens are signed with the newest one whose time has come. retired_at may lie in
-- the future, too: until then the tokens that a former key has signed are believed.
ALTER TABLE auth.signing_key ADD COLUMN use_from timestamptz;
UPDATE auth.signing_key SET use_from = created_at;
ALTER TABLE auth.signing_key ALTER COLUMN use_from SET NOT NULL, ALTER COLUMN use_from SET DEFAULT now();

CREATE OR REPLACE VIEW auth.published_signing_key AS
    SELECT id, public_key, created_at, use_from, retired_at FROM auth.signing_key
     WHERE retired_at IS NULL OR retired_at > now();

COMMIT;
