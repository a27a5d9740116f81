-- Deploy mnemos:users/tumour to pg
--
-- The tumour registry: one row for each patient with a colorectal tumour. What a member may be stands in the field table
-- (services/users/tumour.c) and once more here; a test holds the two against each other.
BEGIN;

-- Catalogues: codes that clinics add to. One that is no longer active stays with the records that have it.
CREATE TABLE users.treatment (
    code       text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
    label      text NOT NULL CHECK (char_length(label) BETWEEN 1 AND 120),
    active     boolean NOT NULL DEFAULT true,
    version    bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE users.primary_site (LIKE users.treatment INCLUDING ALL);
CREATE TABLE users.metastasis_diagnostic (LIKE users.treatment INCLUDING ALL);

INSERT INTO users.treatment (code, label) VALUES
    ('capecitabine_or_5fu_fa', 'Capecitabine or 5-FU/FA'),
    ('folfox_or_xelox', 'FOLFOX 4/6 or XELOX'),
    ('bevacizumab_combination', 'XELOX or CAPIRI with bevacizumab'),
    ('none', 'No chemotherapy');
-- Topography of ICD-O-3.
INSERT INTO users.primary_site (code, label) VALUES
    ('C18.0', 'Caecum'), ('C18.1', 'Appendix'), ('C18.2', 'Ascending colon'), ('C18.3', 'Hepatic flexure'),
    ('C18.4', 'Transverse colon'), ('C18.5', 'Splenic flexure'), ('C18.6', 'Descending colon'),
    ('C18.7', 'Sigmoid colon'), ('C18.8', 'Overlapping lesion of the colon'), ('C18.9', 'Colon, not specified'),
    ('C19.9', 'Rectosigmoid junction'), ('C20.9', 'Rectum'), ('unknown', 'Unknown');
INSERT INTO users.metastasis_diagnostic (code, label) VALUES
    ('ultrasound', 'Ultrasound'), ('ct', 'Computed tomography'), ('mri', 'Magnetic resonance imaging'),
    ('pet_ct', 'PET-CT'), ('scintigraphy', 'Bone scintigraphy'), ('biopsy', 'Biopsy'), ('several', 'Several of these'),
    ('none', 'None'), ('unknown', 'Unknown');

CREATE DOMAIN users.presence AS text CHECK (VALUE IN ('yes', 'no', 'unknown'));
CREATE DOMAIN users.marker AS text CHECK (VALUE IN ('normal', 'pathologic', 'not_determined'));

CREATE TABLE users.tumour (
    id                          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    source_key                  text CHECK (char_length(source_key) BETWEEN 1 AND 200),
    -- personal
    first_name                  text NOT NULL CHECK (char_length(first_name) BETWEEN 1 AND 80),
    last_name                   text NOT NULL CHECK (char_length(last_name) BETWEEN 1 AND 80),
    name_key                    text NOT NULL GENERATED ALWAYS AS (
                                    shared.name_key(last_name || ', ' || first_name)) STORED,
    birth_date                  date CHECK (birth_date >= '1850-01-01'),
    email                       text CHECK (char_length(email) BETWEEN 3 AND 254),
    operation_date              date CHECK (operation_date >= '1900-01-01'),
    weight_kg                   double precision CHECK (weight_kg BETWEEN 2 AND 400),
    height_cm                   double precision CHECK (height_cm BETWEEN 40 AND 260),
    age_at_operation            smallint CHECK (age_at_operation BETWEEN 0 AND 130),
    age_at_operation_overridden boolean NOT NULL DEFAULT false,
    bmi                         double precision CHECK (bmi BETWEEN 5 AND 150),
    bmi_overridden              boolean NOT NULL DEFAULT false,
    bmi_class_overridden        boolean NOT NULL DEFAULT false,
    bmi_class                   text NOT NULL DEFAULT 'unknown' CHECK (bmi_class IN ('under', 'normal', 'over', 'unknown')),
    gender                      text NOT NULL DEFAULT 'unknown' CHECK (gender IN ('male', 'female', 'other', 'unknown')),
    -- medical history
    preexisting_disease         users.presence NOT NULL DEFAULT 'unknown',
    cardiac_disease             users.presence NOT NULL DEFAULT 'unknown',
    pulmonary_disease           users.presence NOT NULL DEFAULT 'unknown',
    urological_disease          users.presence NOT NULL DEFAULT 'unknown',
    endocrine_disease           users.presence NOT NULL DEFAULT 'unknown',
    vascular_disease            users.presence NOT NULL DEFAULT 'unknown',
    -- tumour
    tumour_side                 text NOT NULL DEFAULT 'unknown' CHECK (tumour_side IN ('right', 'left', 'both', 'unknown')),
    cea                         users.marker NOT NULL DEFAULT 'not_determined',
    ca19_9                      users.marker NOT NULL DEFAULT 'not_determined',
    preoperative_endoscopy      text NOT NULL DEFAULT 'unknown' CHECK (
                                    preoperative_endoscopy IN ('colonoscopy', 'rectoscopy', 'several', 'none', 'unknown')),
    procedure                   text NOT NULL DEFAULT 'unknown' CHECK (procedure IN ('open', 'laparoscopic', 'unknown')),
    localisation                text NOT NULL DEFAULT 'unknown' CHECK (
                                    localisation IN ('caecum', 'ascending', 'hepatic_flexure', 'transverse', 'splenic_flexure',
                                                     'descending', 'sigmoid', 'rectosigmoid', 'rectum', 'unknown')),
    primary_site                text NOT NULL DEFAULT 'unknown',
    metastasis_diagnostics      text NOT NULL DEFAULT 'unknown',
    pt                          text NOT NULL DEFAULT 'unknown' CHECK (pt IN ('T1', 'T2', 'T3', 'T4', 'unknown')),
    pn                          text NOT NULL DEFAULT 'unknown' CHECK (pn IN ('N0', 'N1', 'N2', 'unknown')),
    uicc                        text NOT NULL DEFAULT 'unknown' CHECK (
                                    uicc IN ('1', '2a', '2b', '2c', '3a', '3b', '3c', 'unknown')),
    grading                     text NOT NULL DEFAULT 'unknown' CHECK (grading IN ('G1', 'G2', 'G3', 'G4', 'unknown')),
    lymphatic_invasion          text NOT NULL DEFAULT 'unknown' CHECK (lymphatic_invasion IN ('L0', 'L1', 'unknown')),
    venous_invasion             text NOT NULL DEFAULT 'unknown' CHECK (venous_invasion IN ('V0', 'V1', 'unknown')),
    perineural_invasion         text NOT NULL DEFAULT 'unknown' CHECK (perineural_invasion IN ('Pn0', 'Pn1', 'unknown')),
    diameter_cm                 double precision CHECK (diameter_cm BETWEEN 0 AND 15),
    -- outcome
    progression_free_months     double precision CHECK (progression_free_months BETWEEN 0 AND 1200),
    progression                 text NOT NULL DEFAULT 'unknown' CHECK (progression IN ('event', 'censored', 'unknown')),
    overall_survival_months     double precision CHECK (overall_survival_months BETWEEN 0 AND 1200),
    vital_status                text NOT NULL DEFAULT 'unknown' CHECK (vital_status IN ('alive', 'dead', 'unknown')),
    side_effects                text NOT NULL DEFAULT 'unknown' CHECK (
                                    side_effects IN ('none', 'mild', 'moderate', 'severe', 'unknown')),
    -- the treatment that is given now, or was last; NULL: not recorded
    treatment                   text,
    treated_from                date CHECK (treated_from >= '1900-01-01'),
    treated_until               date,
    version                     bigint NOT NULL DEFAULT 1,
    created_at                  timestamptz NOT NULL DEFAULT now(),
    updated_at                  timestamptz NOT NULL DEFAULT now(),
    changed_by                  uuid,
    changed_by_role             text,
    CONSTRAINT tumour_source_key_taken UNIQUE (source_key),
    CONSTRAINT tumour_primary_site FOREIGN KEY (primary_site) REFERENCES users.primary_site,
    CONSTRAINT tumour_metastasis_diagnostics FOREIGN KEY (metastasis_diagnostics) REFERENCES users.metastasis_diagnostic,
    CONSTRAINT tumour_treatment FOREIGN KEY (treatment) REFERENCES users.treatment,
    CONSTRAINT tumour_treated CHECK (treatment IS NOT NULL OR num_nonnulls(treated_from, treated_until) = 0),
    CONSTRAINT tumour_treated_in_order CHECK (treated_until >= treated_from)
);
CREATE INDEX tumour_by_name ON users.tumour (name_key, id);
CREATE INDEX tumour_by_operation ON users.tumour (coalesce(operation_date, '0001-01-01'), id);
CREATE INDEX tumour_by_update ON users.tumour (updated_at, id);

-- Treatments before the one in users.tumour, in their order.
CREATE TABLE users.tumour_treatment (
    tumour_id     uuid NOT NULL REFERENCES users.tumour ON DELETE CASCADE,
    number        smallint NOT NULL CHECK (number BETWEEN 1 AND 100),
    treatment     text NOT NULL,
    treated_from  date CHECK (treated_from >= '1900-01-01'),
    treated_until date,
    PRIMARY KEY (tumour_id, number),
    CONSTRAINT tumour_earlier_treatment FOREIGN KEY (treatment) REFERENCES users.treatment,
    CONSTRAINT tumour_treated_in_order CHECK (treated_until >= treated_from)
);

-- What records were before, as users/history does it for people. The record is kept as the row it was, so that a column
-- that comes later needs no change here.
CREATE TABLE users.tumour_version (
    id              uuid NOT NULL,
    version         bigint NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('created', 'changed', 'removed')),
    changed_by      uuid,
    changed_by_role text,
    valid_from      timestamptz NOT NULL,
    valid_until     timestamptz CHECK (valid_until > valid_from),
    record          users.tumour NOT NULL,
    CONSTRAINT tumour_version_open CHECK ((valid_until IS NULL) = (kind = 'removed')),
    PRIMARY KEY (id, valid_from, version)
);

-- What a service says of version, time and author does not count.
CREATE FUNCTION users.tumour_stamp() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
        NEW.created_at := now();
        NEW.updated_at := now();
    ELSE
        NEW.id := OLD.id;
        NEW.version := OLD.version + 1;
        NEW.created_at := OLD.created_at;
        NEW.updated_at := greatest(now(), OLD.updated_at + interval '1 microsecond');
    END IF;
    NEW.changed_by := shared.acting_account();
    NEW.changed_by_role := shared.acting_role();
    RETURN NEW;
END
$$;
CREATE TRIGGER tumour_stamped BEFORE INSERT OR UPDATE ON users.tumour
    FOR EACH ROW EXECUTE FUNCTION users.tumour_stamp();

CREATE FUNCTION users.tumour_keep() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended timestamptz := CASE TG_OP WHEN 'UPDATE' THEN NEW.updated_at
                              ELSE greatest(now(), OLD.updated_at + interval '1 microsecond') END;
BEGIN
    INSERT INTO users.tumour_version VALUES (OLD.id, OLD.version, users.person_kind(OLD.version), OLD.changed_by,
                                             OLD.changed_by_role, OLD.updated_at, ended, OLD);
    IF TG_OP = 'DELETE' THEN
        INSERT INTO users.tumour_version VALUES (OLD.id, OLD.version + 1, 'removed', shared.acting_account(),
                                                 shared.acting_role(), ended, NULL, OLD);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tumour_kept AFTER UPDATE OR DELETE ON users.tumour
    FOR EACH ROW EXECUTE FUNCTION users.tumour_keep();

CREATE FUNCTION users.tumour_truncated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    TRUNCATE users.tumour_version;
    RETURN NULL;
END
$$;
CREATE TRIGGER tumour_truncated AFTER TRUNCATE ON users.tumour
    FOR EACH STATEMENT EXECUTE FUNCTION users.tumour_truncated();

-- The version of an entry of a catalogue.
CREATE FUNCTION users.catalogue_stamp() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.code := OLD.code;
    NEW.version := OLD.version + 1;
    NEW.created_at := OLD.created_at;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

-- The second wall. Professionals and administrators keep the registry, and clients whose scopes are about people.
ALTER TABLE users.tumour ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON users.tumour FOR SELECT USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('people:read', 'people:write')));
CREATE POLICY make ON users.tumour FOR INSERT WITH CHECK (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('people:write')));
CREATE POLICY change ON users.tumour FOR UPDATE USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('people:write')));
CREATE POLICY remove ON users.tumour FOR DELETE USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser'));

ALTER TABLE users.tumour_treatment ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON users.tumour_treatment FOR SELECT USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('people:read', 'people:write')));
CREATE POLICY make ON users.tumour_treatment FOR INSERT WITH CHECK (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('people:write')));
CREATE POLICY remove ON users.tumour_treatment FOR DELETE USING (
    (SELECT shared.acting_role()) IN ('healthpro', 'admin', 'superuser')
    OR (SELECT shared.acting_scope('people:write')));

ALTER TABLE users.tumour_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON users.tumour_version FOR SELECT USING (
    (SELECT shared.acting_role()) IN ('admin', 'superuser')
    OR EXISTS (SELECT FROM users.tumour t WHERE t.id = tumour_version.id));

CREATE TRIGGER tumour_logged AFTER INSERT OR UPDATE OR DELETE ON users.tumour
    FOR EACH ROW WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION auth.log_write('tumour');

-- Catalogues name no person: they are read by whoever the routes let in, and kept by administrators.
DO $$
DECLARE
    catalogue text;
BEGIN
    FOREACH catalogue IN ARRAY ARRAY['treatment', 'primary_site', 'metastasis_diagnostic'] LOOP
        EXECUTE format('ALTER TABLE users.%I RENAME CONSTRAINT %I TO %I', catalogue, catalogue || '_pkey',
                       catalogue || '_code_taken');
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON users.%I FOR EACH ROW EXECUTE FUNCTION users.catalogue_stamp()',
                       catalogue || '_stamped', catalogue);
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON users.%I FOR EACH STATEMENT'
                       ' WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION auth.log_write(%L)',
                       catalogue || '_logged', catalogue, catalogue);
        EXECUTE format('ALTER TABLE users.%I ENABLE ROW LEVEL SECURITY', catalogue);
        EXECUTE format('CREATE POLICY see ON users.%I FOR SELECT USING (true)', catalogue);
        EXECUTE format('CREATE POLICY make ON users.%I FOR INSERT WITH CHECK ((SELECT shared.acting_role())'
                       ' IN (''admin'', ''superuser''))', catalogue);
        EXECUTE format('CREATE POLICY change ON users.%I FOR UPDATE USING ((SELECT shared.acting_role())'
                       ' IN (''admin'', ''superuser''))', catalogue);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON users.%I TO mnemos_users', catalogue);
        EXECUTE format('GRANT SELECT ON users.%I TO mnemos_analytics', catalogue);
    END LOOP;
END
$$;

CREATE VIEW users.tumour_history WITH (security_invoker) AS
    SELECT t.id, t.version, users.person_kind(t.version) AS kind, t.changed_by, t.changed_by_role,
           t.updated_at AS valid_from, NULL::timestamptz AS valid_until, t AS record
      FROM users.tumour t
     UNION ALL
    SELECT id, version, kind, changed_by, changed_by_role, valid_from, valid_until, record FROM users.tumour_version;

-- What the analytics service may know of a tumour: no names, no dates, no address. It sees through the same policies.
CREATE VIEW users.published_tumour WITH (security_invoker) AS
    SELECT id AS tumour_id, gender, weight_kg, height_cm, age_at_operation, bmi, bmi_class,
           preexisting_disease, cardiac_disease, pulmonary_disease, urological_disease, endocrine_disease, vascular_disease,
           tumour_side, cea, ca19_9, preoperative_endoscopy, procedure, localisation, primary_site, metastasis_diagnostics,
           pt, pn, uicc, grading, lymphatic_invasion, venous_invasion, perineural_invasion, diameter_cm,
           progression_free_months, progression, overall_survival_months, vital_status, side_effects, treatment
      FROM users.tumour;

DO $$
BEGIN
    EXECUTE (SELECT format('GRANT SELECT (%s) ON users.tumour TO mnemos_analytics',
                           string_agg(CASE a.attname WHEN 'tumour_id' THEN 'id' ELSE a.attname::text END, ', '))
               FROM pg_attribute a WHERE a.attrelid = 'users.published_tumour'::regclass AND a.attnum > 0);
END
$$;

-- The analytics service makes a treatment that was decided on the current one, from today. False: there is no such
-- tumour for who asks, or no such treatment to be had.
CREATE FUNCTION users.accept_treatment(tumour uuid, accepted text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT (coalesce(shared.acting_role() IN ('healthpro', 'admin', 'superuser'), false)
            OR shared.acting_scope('people:write'))
       OR NOT EXISTS (SELECT FROM users.treatment c WHERE c.code = accepted AND c.active) THEN
        RETURN false;
    END IF;
    PERFORM FROM users.tumour t WHERE t.id = tumour FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO users.tumour_treatment (tumour_id, number, treatment, treated_from, treated_until)
    SELECT t.id, 1 + (SELECT count(*) FROM users.tumour_treatment e WHERE e.tumour_id = t.id), t.treatment, t.treated_from,
           greatest(t.treated_from, least(t.treated_until, current_date))
      FROM users.tumour t WHERE t.id = tumour AND t.treatment <> accepted;
    UPDATE users.tumour t SET treatment = accepted, treated_from = current_date, treated_until = NULL
     WHERE t.id = tumour AND t.treatment IS DISTINCT FROM accepted;
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION users.tumour_stamp, users.tumour_keep, users.tumour_truncated, users.catalogue_stamp,
    users.accept_treatment FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON users.tumour TO mnemos_users;
GRANT SELECT, INSERT, DELETE ON users.tumour_treatment TO mnemos_users;
GRANT SELECT ON users.tumour_version, users.tumour_history TO mnemos_users;
GRANT SELECT ON users.published_tumour TO mnemos_analytics;
GRANT EXECUTE ON FUNCTION users.accept_treatment TO mnemos_analytics;

COMMIT;
