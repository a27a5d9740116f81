-- Deploy mnemos:analytics/model to pg
--
-- Models of the next score, trained on the clinic's own patients. A model belongs to the account that had it trained and
-- is never changed: whoever trains again gets another one, with the next version under the same name. What serves
-- predictions is said apart, by a promotion.
BEGIN;

CREATE TABLE analytics.model (
    id               uuid PRIMARY KEY,
    owner_id         uuid NOT NULL DEFAULT shared.acting_account(),
    name             text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
    version          integer NOT NULL CHECK (version > 0), -- of the owner's models of that name and target
    target           text NOT NULL CHECK (target IN ('mmse')),
    method           text NOT NULL CHECK (char_length(method) BETWEEN 1 AND 40),
    seed             bigint NOT NULL,
    subjects         integer NOT NULL,
    visits           integer NOT NULL,
    beats_last_value boolean NOT NULL,
    metrics          json NOT NULL,
    card             json COMPRESSION lz4 NOT NULL,
    report           json COMPRESSION lz4 NOT NULL,
    page             text COMPRESSION lz4 NOT NULL,
    -- Plain data with a checksum inside, which is looked at whenever it is read. As text: json would be parsed here, too.
    artefact         text COMPRESSION lz4 NOT NULL CHECK (octet_length(artefact) <= 67108864),
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT model_version_taken UNIQUE (owner_id, target, name, version)
);
CREATE INDEX model_by_owner ON analytics.model (owner_id, created_at, id);

-- Which model answers: one for each target and whom it serves. A client's calls are served by its own; everybody who
-- works in the clinic by the clinic's, which neurologists and administrators choose.
CREATE TABLE analytics.promotion (
    target        text NOT NULL,
    serves        uuid NOT NULL, -- a client; all zeros: the clinic
    model_id      uuid NOT NULL,
    promoted_by   uuid NOT NULL DEFAULT shared.acting_account(),
    promoted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    forced_reason text CHECK (char_length(forced_reason) BETWEEN 1 AND 500), -- it does not beat the last value
    PRIMARY KEY (target, serves),
    CONSTRAINT promotion_of_model FOREIGN KEY (model_id) REFERENCES analytics.model
);
CREATE UNIQUE INDEX promotion_by_model ON analytics.promotion (model_id);

-- Whom a promotion by this account serves; NULL: nobody.
CREATE FUNCTION analytics.served() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN shared.acting_role() IN ('healthpro', 'admin', 'superuser')
                THEN '00000000-0000-0000-0000-000000000000'::uuid
                WHEN shared.acting_role() = 'client' THEN shared.acting_account() END;

ALTER TABLE analytics.promotion ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON analytics.promotion FOR SELECT USING (serves = (SELECT analytics.served()));
CREATE POLICY make ON analytics.promotion FOR INSERT WITH CHECK (
    serves = (SELECT analytics.served())
    AND ((SELECT shared.acting_role()) <> 'client' OR (SELECT shared.acting_scope('models:write'))));
CREATE POLICY change ON analytics.promotion FOR UPDATE USING (
    serves = (SELECT analytics.served())
    AND ((SELECT shared.acting_role()) <> 'client' OR (SELECT shared.acting_scope('models:write'))));
CREATE POLICY remove ON analytics.promotion FOR DELETE USING (
    serves = (SELECT analytics.served())
    AND ((SELECT shared.acting_role()) <> 'client' OR (SELECT shared.acting_scope('models:write'))));

-- The own ones; besides, whoever is served by a model can read what it is.
ALTER TABLE analytics.model ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON analytics.model FOR SELECT USING (
    owner_id = (SELECT shared.acting_account())
    OR EXISTS (SELECT FROM analytics.promotion p WHERE p.model_id = model.id));
CREATE POLICY make ON analytics.model FOR INSERT WITH CHECK (
    owner_id = (SELECT shared.acting_account())
    AND ((SELECT shared.acting_role()) IN ('researcher', 'healthpro', 'admin', 'superuser')
         OR (SELECT shared.acting_scope('models:write'))));
CREATE POLICY remove ON analytics.model FOR DELETE USING (owner_id = (SELECT shared.acting_account()));

-- Row locks, for deletions that come at the same time, need no more than DELETE.
GRANT SELECT, DELETE ON analytics.model TO mnemos_analytics;
GRANT INSERT (id, name, version, target, method, seed, subjects, visits, beats_last_value, metrics, card, report, page,
              artefact) ON analytics.model TO mnemos_analytics;
GRANT SELECT, DELETE ON analytics.promotion TO mnemos_analytics;
GRANT INSERT (target, serves, model_id, forced_reason) ON analytics.promotion TO mnemos_analytics;
GRANT UPDATE (model_id, promoted_by, promoted_at, forced_reason) ON analytics.promotion TO mnemos_analytics;
REVOKE ALL ON FUNCTION analytics.served FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics.served TO mnemos_analytics;

COMMIT;
