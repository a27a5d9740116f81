-- Deploy mnemos:auth/session_logged to pg
BEGIN;

-- Whoever got in is in the access log, as those are who did not.
CREATE FUNCTION auth.log_session() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO auth.access_log (actor_id, subject_id, object, outcome, action)
    VALUES (NEW.account_id, NEW.account_id, 'session', 'written', coalesce(shared.acting_request(1), 'session.insert'));
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION auth.log_session FROM PUBLIC;
CREATE TRIGGER session_logged AFTER INSERT ON auth.session FOR EACH ROW EXECUTE FUNCTION auth.log_session();

COMMIT;
