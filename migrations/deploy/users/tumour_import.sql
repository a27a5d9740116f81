-- Deploy mnemos:users/tumour_import to pg
--
-- Spreadsheets on their way into the registry. A file is checked first: what it would create and change is written down
-- here, row by row, with the version of the record that was looked at; committing takes exactly these rows and no others.
BEGIN;

CREATE TABLE users.tumour_import (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    state        text NOT NULL DEFAULT 'checked' CHECK (state IN ('checked', 'committed')),
    file_name    text CHECK (char_length(file_name) <= 255),
    file_hash    text NOT NULL CHECK (file_hash ~ '^[0-9a-f]{64}$'),
    legend       text NOT NULL,
    columns      jsonb NOT NULL DEFAULT '[]', -- [{"heading": "Sex", "member": "gender"}, ...]
    rows         integer NOT NULL DEFAULT 0,
    to_create    integer NOT NULL DEFAULT 0,
    to_change    integer NOT NULL DEFAULT 0,
    unchanged    integer NOT NULL DEFAULT 0,
    wrong_rows   integer NOT NULL DEFAULT 0,
    errors       integer NOT NULL DEFAULT 0,
    version      bigint NOT NULL DEFAULT 1,
    created_by   uuid DEFAULT shared.acting_account(),
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz, -- NULL: committed
    committed_at timestamptz,
    CONSTRAINT tumour_import_rows CHECK (rows = to_create + to_change + unchanged + wrong_rows),
    CONSTRAINT tumour_import_committed CHECK ((state = 'committed') = (committed_at IS NOT NULL AND expires_at IS NULL))
);
CREATE INDEX tumour_import_by_time ON users.tumour_import (created_at, id);

-- A record as it is going to be: the columns of users.tumour that a service writes, by the same names. What they may be
-- is checked when they get there.
CREATE TABLE users.tumour_staged (LIKE users.tumour);
ALTER TABLE users.tumour_staged
    DROP COLUMN id, DROP COLUMN name_key, DROP COLUMN created_at, DROP COLUMN updated_at, DROP COLUMN changed_by,
    DROP COLUMN changed_by_role,
    ALTER COLUMN version DROP NOT NULL, -- of the record that would change; NULL: it would be created
    ADD COLUMN import_id uuid NOT NULL REFERENCES users.tumour_import ON DELETE CASCADE,
    ADD COLUMN line      integer NOT NULL,
    ADD COLUMN tumour_id uuid,
    ADD PRIMARY KEY (import_id, line),
    ADD CONSTRAINT tumour_staged_version CHECK ((tumour_id IS NULL) = (version IS NULL));

CREATE TABLE users.tumour_import_error (
    import_id uuid NOT NULL REFERENCES users.tumour_import ON DELETE CASCADE,
    number    integer NOT NULL,
    line      integer NOT NULL,
    heading   text,
    member    text,
    value     text CHECK (char_length(value) <= 100),
    detail    text NOT NULL,
    PRIMARY KEY (import_id, number)
);

-- The second wall: whoever may write the registry.
DO $$
DECLARE
    staging text;
BEGIN
    FOREACH staging IN ARRAY ARRAY['tumour_import', 'tumour_staged', 'tumour_import_error'] LOOP
        EXECUTE format('ALTER TABLE users.%I ENABLE ROW LEVEL SECURITY', staging);
        EXECUTE format('CREATE POLICY keep ON users.%I FOR ALL USING ((SELECT shared.acting_role())'
                       ' IN (''healthpro'', ''admin'', ''superuser'') OR (SELECT shared.acting_scope(''people:write'')))',
                       staging);
    END LOOP;
END
$$;

-- One entry for the file, besides those of the records that it makes and changes.
CREATE TRIGGER tumour_import_logged AFTER INSERT OR DELETE OR UPDATE OF state ON users.tumour_import
    FOR EACH STATEMENT WHEN (shared.acting_role() IS NOT NULL) EXECUTE FUNCTION auth.log_write('tumour_import');

GRANT SELECT, INSERT, UPDATE, DELETE ON users.tumour_import TO mnemos_users;
GRANT SELECT, INSERT, DELETE ON users.tumour_staged, users.tumour_import_error TO mnemos_users;

COMMIT;
