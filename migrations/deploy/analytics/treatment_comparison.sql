-- Deploy mnemos:analytics/treatment_comparison to pg
--
-- Comparisons of treatments, as they were asked for and answered. Whose data a comparison is about is said by the id of
-- the tumour record alone; the patients who were looked at are numbers in the answer.
BEGIN;

CREATE TABLE analytics.treatment_comparison (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    version           bigint NOT NULL DEFAULT 1,
    owner_id          uuid NOT NULL DEFAULT shared.acting_account(),
    tumour_id         uuid, -- NULL: a profile that is nobody's
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    outcome           text NOT NULL CHECK (outcome IN ('progression', 'death')),
    verdict           text NOT NULL CHECK (verdict IN ('recommended', 'insufficient_evidence')),
    recommended       text CHECK (char_length(recommended) BETWEEN 1 AND 80),
    request           json COMPRESSION lz4 NOT NULL,
    cohort            json COMPRESSION lz4 NOT NULL,
    answer            json COMPRESSION lz4 NOT NULL,
    -- What was made of it.
    decision          text CHECK (decision IN ('accepted', 'declined')),
    decided_treatment text CHECK (char_length(decided_treatment) BETWEEN 1 AND 80),
    reason            text CHECK (char_length(reason) BETWEEN 1 AND 2000),
    decided_by        uuid,
    decided_at        timestamptz,
    CONSTRAINT treatment_comparison_recommended CHECK ((verdict = 'recommended') = (recommended IS NOT NULL)),
    CONSTRAINT treatment_comparison_decided CHECK (
        CASE WHEN decision IS NULL THEN num_nonnulls(decided_treatment, reason, decided_by, decided_at) = 0
             ELSE num_nonnulls(decided_by, decided_at) = 2 AND (decision = 'declined' OR decided_treatment IS NOT NULL) END)
);
-- Lists show the newest first.
CREATE INDEX treatment_comparison_by_creation ON analytics.treatment_comparison (created_at, id);
CREATE INDEX treatment_comparison_of_tumour ON analytics.treatment_comparison (tumour_id, created_at, id);

-- Comparisons for patients are seen by those who keep the registry; what is nobody's by whoever asked for it.
ALTER TABLE analytics.treatment_comparison ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON analytics.treatment_comparison FOR SELECT USING (
    (owner_id = (SELECT shared.acting_account())
     AND (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser', 'researcher'))
    OR (tumour_id IS NOT NULL AND (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')));
CREATE POLICY make ON analytics.treatment_comparison FOR INSERT WITH CHECK (
    owner_id = (SELECT shared.acting_account())
    AND ((SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
         OR ((SELECT shared.acting_role()) = 'researcher' AND tumour_id IS NULL)));
CREATE POLICY change ON analytics.treatment_comparison FOR UPDATE USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    AND (owner_id = (SELECT shared.acting_account()) OR tumour_id IS NOT NULL));
CREATE POLICY remove ON analytics.treatment_comparison FOR DELETE USING (
    (owner_id = (SELECT shared.acting_account())
     AND (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser', 'researcher'))
    OR (tumour_id IS NOT NULL AND (SELECT shared.acting_role()) IN ('admin', 'superuser')));

-- What a service says of version, time and who decided does not count.
CREATE FUNCTION analytics.treatment_comparison_stamp() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := greatest(now(), OLD.updated_at + interval '1 microsecond');
    IF NEW.decision IS NOT NULL THEN
        NEW.decided_by := shared.acting_account();
        NEW.decided_at := now();
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER treatment_comparison_stamped BEFORE UPDATE ON analytics.treatment_comparison
    FOR EACH ROW EXECUTE FUNCTION analytics.treatment_comparison_stamp();

-- A comparison that is about a patient leaves its entry in the access log under that patient.
CREATE FUNCTION analytics.treatment_comparison_log() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    subject uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.tumour_id ELSE NEW.tumour_id END;
BEGIN
    IF subject IS NOT NULL THEN
        INSERT INTO auth.access_log (subject_id, object, outcome, action)
        VALUES (subject, 'treatment_comparison', 'written',
                coalesce(shared.acting_request(1), 'treatment_comparison.' || lower(TG_OP)));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER treatment_comparison_logged AFTER INSERT OR UPDATE OR DELETE ON analytics.treatment_comparison
    FOR EACH ROW WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION analytics.treatment_comparison_log();

REVOKE ALL ON FUNCTION analytics.treatment_comparison_stamp, analytics.treatment_comparison_log FROM PUBLIC;
GRANT SELECT, DELETE ON analytics.treatment_comparison TO mnemos_analytics;
GRANT INSERT (tumour_id, outcome, verdict, recommended, request, cohort, answer) ON analytics.treatment_comparison
    TO mnemos_analytics;
GRANT UPDATE (decision, decided_treatment, reason) ON analytics.treatment_comparison TO mnemos_analytics;

COMMIT;
