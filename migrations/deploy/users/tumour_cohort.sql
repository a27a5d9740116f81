-- Deploy mnemos:users/tumour_cohort to pg
--
-- The patients among whom treatments are compared. What treatments did to many must not depend on who asks (a researcher
-- sees no tumour record), so the rows are read on behalf of the owner, by the analytics service alone and without
-- anything that says whose they are.
BEGIN;

-- All but the one apart (NULL: all), and at most so many. In the order of random ids, so that the same registry gives the
-- same answer and the order says nothing.
CREATE FUNCTION users.tumour_cohort(apart uuid, at_most integer)
    RETURNS TABLE (gender text, weight_kg double precision, height_cm double precision, age_at_operation smallint,
                   bmi double precision, bmi_class text, preexisting_disease text, cardiac_disease text,
                   pulmonary_disease text, urological_disease text, endocrine_disease text, vascular_disease text,
                   tumour_side text, cea text, ca19_9 text, preoperative_endoscopy text, procedure text,
                   localisation text, primary_site text, metastasis_diagnostics text, pt text, pn text, uicc text,
                   grading text, lymphatic_invasion text, venous_invasion text, perineural_invasion text,
                   diameter_cm double precision, progression_free_months double precision, progression text,
                   overall_survival_months double precision, vital_status text, treatment text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT t.gender, t.weight_kg, t.height_cm, t.age_at_operation, t.bmi, t.bmi_class, t.preexisting_disease::text,
           t.cardiac_disease::text, t.pulmonary_disease::text, t.urological_disease::text, t.endocrine_disease::text,
           t.vascular_disease::text, t.tumour_side, t.cea::text, t.ca19_9::text, t.preoperative_endoscopy, t.procedure,
           t.localisation, t.primary_site, t.metastasis_diagnostics, t.pt, t.pn, t.uicc, t.grading,
           t.lymphatic_invasion, t.venous_invasion, t.perineural_invasion, t.diameter_cm, t.progression_free_months,
           t.progression, t.overall_survival_months, t.vital_status, t.treatment
      FROM users.tumour t WHERE t.id IS DISTINCT FROM apart ORDER BY t.id LIMIT at_most;
END
$$;

REVOKE ALL ON FUNCTION users.tumour_cohort FROM PUBLIC;
GRANT EXECUTE ON FUNCTION users.tumour_cohort TO mnemos_analytics;

COMMIT;
