-- The login roles of Mnemos. Run by a superuser (or a role with CREATEROLE), as often as you like: it creates what is
-- missing and sets the passwords anew.
--
-- Passwords are psql variables: owner_password, auth_password, users_password, analytics_password, imaging_password.
-- Set them with \set in a file or on standard input, or with \getenv, and then include this file; what is given with
-- `psql -v` can be read by everyone in the list of processes.
--
-- mnemos_owner owns the database and its schemas and runs the migrations; the four services own nothing and get exactly
-- what the migrations grant them.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I', name)
  FROM unnest(ARRAY['mnemos_owner', 'mnemos_auth', 'mnemos_users', 'mnemos_analytics', 'mnemos_imaging']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)
\gexec

ALTER ROLE mnemos_owner     LOGIN PASSWORD :'owner_password';
ALTER ROLE mnemos_auth      LOGIN PASSWORD :'auth_password';
ALTER ROLE mnemos_users     LOGIN PASSWORD :'users_password';
ALTER ROLE mnemos_analytics LOGIN PASSWORD :'analytics_password';
ALTER ROLE mnemos_imaging   LOGIN PASSWORD :'imaging_password';
