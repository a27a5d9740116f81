-- A database of Mnemos, empty and closed to everyone but its owner and the services. Run by a superuser after roles.sql,
-- connected to another database; the psql variable `database` names it. Does nothing to a database that is there.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT format('CREATE DATABASE %I OWNER mnemos_owner TEMPLATE template0 ENCODING ''UTF8''', :'database')
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = :'database')
\gexec

REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO mnemos_auth, mnemos_users, mnemos_analytics, mnemos_imaging;
