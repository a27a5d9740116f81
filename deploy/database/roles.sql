-- The login roles of Mnemos. Run by a superuser (or a role with CREATEROLE), as often as you like: it creates what is
-- missing and sets the passwords anew.
--
-- The psql variable `passwords` is a JSON object of the owner and each service of services/list:
-- {"owner": "...", "auth": "...", ...}. Set it with \set in a file or on standard input, or with \getenv, and then include
-- this file; what is given with `psql -v` can be read by everyone in the list of processes.
--
-- mnemos_owner owns the database and its schemas and runs the migrations; the services own nothing and get exactly what
-- the migrations grant them.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I', 'mnemos_' || name)
  FROM json_object_keys(:'passwords') AS name
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'mnemos_' || name)
\gexec

SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', 'mnemos_' || key, value)
  FROM json_each_text(:'passwords')
\gexec
