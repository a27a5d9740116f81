-- Revert mnemos:shared/name from pg
BEGIN;

REVOKE SELECT (project, change) ON sqitch.changes FROM mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;
REVOKE USAGE ON SCHEMA sqitch FROM mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;
DROP SCHEMA shared CASCADE;

COMMIT;
