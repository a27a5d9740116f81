-- Verify mnemos:auth/signing_key_use on pg
SELECT use_from, retired_at FROM auth.published_signing_key WHERE false;
