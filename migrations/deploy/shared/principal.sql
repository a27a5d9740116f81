-- Deploy mnemos:shared/principal to pg
--
-- Who asks. The services say so in the same round trip as each statement that concerns people, for that transaction
-- only; row-level security and the access log go by it. Where nothing was said it is nobody, and nobody sees nothing.
BEGIN;

CREATE FUNCTION shared.acting_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('mnemos.account', true), '')::uuid;
CREATE FUNCTION shared.acting_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('mnemos.role', true), '');

-- Part 1 is what is being done ("person.read"), 2 the id of the request, 3 the address it came from.
CREATE FUNCTION shared.acting_request(part integer) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(split_part(current_setting('mnemos.request', true), ' ', part), '');

COMMIT;
