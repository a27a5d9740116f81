-- Verify mnemos:shared/name on pg
SELECT 1 / (shared.name_key('ÉLODIE') = shared.name_key(U&'e\0301lodie'))::int;
