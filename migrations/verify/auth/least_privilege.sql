-- Verify mnemos:auth/least_privilege on pg
SELECT 1 / (auth.is_role_of_people('patient') AND NOT auth.is_role_of_people('superuser'))::int;
SELECT 1 / (NOT has_table_privilege('mnemos_auth', 'auth.session', 'update'))::int;
