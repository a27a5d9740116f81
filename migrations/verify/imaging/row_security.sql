-- Verify mnemos:imaging/row_security on pg
SELECT 1 / (count(*) = 1)::int FROM pg_class WHERE oid = 'imaging.element'::regclass AND relrowsecurity;
