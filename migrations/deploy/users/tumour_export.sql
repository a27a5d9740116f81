-- Deploy mnemos:users/tumour_export to pg
BEGIN;

-- What researchers may have: no names, days, address and keys. They see no record itself, so the view looks on behalf of its
-- owner; the id is there for the order and is not handed out.
CREATE VIEW users.research_tumour WITH (security_barrier) AS
    SELECT id AS tumour_id, gender, weight_kg, height_cm, age_at_operation, bmi, bmi_class,
           preexisting_disease, cardiac_disease, pulmonary_disease, urological_disease, endocrine_disease, vascular_disease,
           tumour_side, cea, ca19_9, preoperative_endoscopy, procedure, localisation, primary_site, metastasis_diagnostics,
           pt, pn, uicc, grading, lymphatic_invasion, venous_invasion, perineural_invasion, diameter_cm,
           progression_free_months, progression, overall_survival_months, vital_status, side_effects, treatment
      FROM users.tumour
     WHERE (SELECT shared.acting_role()) IN ('researcher', 'healthpro', 'admin', 'superuser')
        OR (SELECT shared.acting_scope('people:read', 'people:write'));
GRANT SELECT ON users.research_tumour TO mnemos_users;

COMMIT;
