-- Deploy mnemos:imaging/element to pg
BEGIN;

CREATE SCHEMA imaging;
GRANT USAGE ON SCHEMA imaging TO mnemos_imaging;

CREATE TABLE imaging.device (
    id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT device_name_taken UNIQUE (name)
);

-- The device of that name, new when nobody used it yet. Each statement sees what others have committed meanwhile, so of
-- two first users one makes the device and the other finds it.
CREATE FUNCTION imaging.device_named(wanted text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    device_id bigint;
BEGIN
    LOOP
        SELECT id INTO device_id FROM imaging.device WHERE name = wanted;
        EXIT WHEN FOUND;
        INSERT INTO imaging.device (name) VALUES (wanted) ON CONFLICT DO NOTHING RETURNING id INTO device_id;
        EXIT WHEN FOUND;
    END LOOP;
    RETURN device_id;
END
$$;

-- NULL where the quotient is not defined or too large or too small to be written, instead of an error.
CREATE FUNCTION imaging.quotient(a double precision, b double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN b = 0 THEN NULL
                WHEN a = 0 THEN 0
                WHEN abs(log(abs(a)) - log(abs(b))) > 300 THEN NULL
                ELSE a / b END;

-- Ids are the clients' and may be used again after a deletion, versions never are: an ETag names one state of one element.
CREATE SEQUENCE imaging.element_version;

CREATE TABLE imaging.element (
    id             text COLLATE "C" PRIMARY KEY CHECK (char_length(id) BETWEEN 1 AND 80),
    device_id      bigint NOT NULL REFERENCES imaging.device,
    -- The lines as a JSON array, just as they came. lz4 takes a quarter of the time of the default here.
    data           json COMPRESSION lz4 NOT NULL,
    data_bytes     integer NOT NULL GENERATED ALWAYS AS (octet_length(data::text)) STORED,
    data_size      integer NOT NULL CHECK (data_size > 0),
    normalization  text NOT NULL DEFAULT 'maximum' CHECK (normalization IN ('maximum', 'percent')),
    average_before double precision NOT NULL,
    maximum        double precision NOT NULL,
    average_after  double precision GENERATED ALWAYS AS (
        imaging.quotient(average_before, CASE normalization WHEN 'percent' THEN 100 ELSE maximum END)) STORED,
    version        bigint NOT NULL DEFAULT nextval('imaging.element_version'),
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
);
-- Lists come in the order of ids. "Those of this device" and "what is new since" pick a few; figures rarely do, and a
-- walk along the primary key passes 100,000 elements in some 15 ms, because the numbers are stored aside.
CREATE INDEX element_by_device ON imaging.element (device_id, id);
CREATE INDEX element_by_creation ON imaging.element (created_at);
CREATE INDEX element_by_update ON imaging.element (updated_at);

REVOKE ALL ON FUNCTION imaging.device_named, imaging.quotient FROM PUBLIC;
GRANT EXECUTE ON FUNCTION imaging.device_named, imaging.quotient TO mnemos_imaging;
GRANT USAGE ON SEQUENCE imaging.element_version TO mnemos_imaging;
GRANT SELECT, INSERT (name) ON imaging.device TO mnemos_imaging;
GRANT SELECT, DELETE ON imaging.element TO mnemos_imaging;
GRANT INSERT (id, device_id, data, data_size, normalization, average_before, maximum) ON imaging.element
    TO mnemos_imaging;
GRANT UPDATE (id, device_id, data, data_size, normalization, average_before, maximum, version, updated_at)
    ON imaging.element TO mnemos_imaging;

COMMIT;
