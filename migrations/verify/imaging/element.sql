-- Verify mnemos:imaging/element on pg
SELECT id, name, created_at FROM imaging.device WHERE false;
SELECT id, device_id, data, data_bytes, data_size, normalization, average_before, maximum, average_after, version,
       created_at, updated_at FROM imaging.element WHERE false;
SELECT 1 / (imaging.quotient(66.3, 0) IS NULL AND imaging.quotient(1e300, 1e-300) IS NULL)::int;
SELECT 1 / (NOT has_column_privilege('mnemos_imaging', 'imaging.element', 'created_at', 'update'))::int;
SELECT 1 / (NOT has_table_privilege('mnemos_imaging', 'imaging.device', 'update'))::int;
SELECT 1 / (NOT has_table_privilege('mnemos_users', 'imaging.element', 'select'))::int;
