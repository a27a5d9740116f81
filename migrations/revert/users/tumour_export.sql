-- Revert mnemos:users/tumour_export from pg
DROP VIEW users.research_tumour;
