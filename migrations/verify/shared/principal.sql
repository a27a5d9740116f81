-- Verify mnemos:shared/principal on pg
SELECT 1 / (shared.acting_account() IS NULL AND shared.acting_role() IS NULL AND shared.acting_request(1) IS NULL)::int;
