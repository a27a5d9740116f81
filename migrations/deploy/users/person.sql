-- Deploy mnemos:users/person to pg
BEGIN;

CREATE SCHEMA users;
GRANT USAGE ON SCHEMA users TO mnemos_users, mnemos_analytics;

-- One table for everybody, because they are listed, searched and named together; the checks hold what belongs to whom.
CREATE TABLE users.person (
    id                   uuid PRIMARY KEY,
    name                 text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
    name_key             text NOT NULL GENERATED ALWAYS AS (shared.name_key(name)) STORED,
    status               text NOT NULL CHECK (status IN ('caregiver', 'healthpro', 'patient')),
    specialty            text CHECK (specialty IN ('general', 'psychologist', 'neurologist', 'oncologist', 'radiologist',
                                                   'geriatrician')),
    birth_date           date CHECK (birth_date >= '1850-01-01'),
    birth_date_estimated boolean,
    mmse                 smallint CHECK (mmse BETWEEN 0 AND 30),
    caregiver_id         uuid,
    caregiver_status     text NOT NULL GENERATED ALWAYS AS ('caregiver') STORED,
    version              bigint NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT person_name_taken UNIQUE (name_key),
    CONSTRAINT person_id_status UNIQUE (id, status),
    -- The second column makes it impossible that anybody but a caregiver cares for a patient.
    CONSTRAINT person_caregiver FOREIGN KEY (caregiver_id, caregiver_status) REFERENCES users.person (id, status),
    CONSTRAINT person_specialty_of_healthpro CHECK ((status = 'healthpro') = (specialty IS NOT NULL)),
    CONSTRAINT person_members_of_patient CHECK (
        CASE WHEN status = 'patient' THEN num_nonnulls(birth_date, birth_date_estimated, mmse) = 3
             ELSE num_nonnulls(birth_date, birth_date_estimated, mmse, caregiver_id) = 0 END)
);
CREATE INDEX person_by_status ON users.person (status, name_key);
CREATE INDEX person_by_specialty ON users.person (specialty, name_key) WHERE specialty IS NOT NULL;
CREATE INDEX person_by_caregiver ON users.person (caregiver_id, name_key) WHERE caregiver_id IS NOT NULL;
CREATE INDEX person_by_birth_date ON users.person (birth_date, mmse) WHERE birth_date IS NOT NULL;

-- What the analytics service may know of a person.
CREATE VIEW users.published_person AS
    SELECT id, name, name_key, status, birth_date, mmse FROM users.person;

-- The status of a person never changes, so it is not among the columns that may.
GRANT SELECT, DELETE ON users.person TO mnemos_users;
GRANT INSERT (id, name, status, specialty, birth_date, birth_date_estimated, mmse, caregiver_id) ON users.person
    TO mnemos_users;
GRANT UPDATE (name, specialty, birth_date, birth_date_estimated, mmse, caregiver_id, version, updated_at)
    ON users.person TO mnemos_users;
GRANT SELECT ON users.published_person TO mnemos_analytics;

COMMIT;
