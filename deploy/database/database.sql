-- A database of Mnemos, empty and closed to everyone but its owner and the services. Run by a superuser after roles.sql,
-- connected to another database; the psql variable `database` names it, `services` holds the names of services/list,
-- separated by spaces. Does nothing to a database that is there.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT format('CREATE DATABASE %I OWNER mnemos_owner TEMPLATE template0 ENCODING ''UTF8''', :'database')
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = :'database')
\gexec

REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', :'database', 'mnemos_' || service)
  FROM unnest(string_to_array(:'services', ' ')) AS service
\gexec
