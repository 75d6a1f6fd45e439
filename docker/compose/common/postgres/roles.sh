#!/bin/sh
# Runs once, when the database is made: a database, the role that owns it, and, where APPLICATION says so, a role that works in it
# and has what it is granted. Passwords come from /run/secrets and are in no argument and no log.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres \
  --set=database="$DATABASE" --set=owner="$OWNER" --set=application="${APPLICATION:-}" <<'SQL'
SET log_min_error_statement = 'panic';
\set owner_password `cat "${SECRETS:-/run/secrets}/OWNER_PASSWORD"`
CREATE ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE DATABASE :"database" OWNER :"owner";
REVOKE ALL ON DATABASE :"database", postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"owner";
SELECT :'application' <> '' AS with_application \gset
\if :with_application
\set application_password `cat "${SECRETS:-/run/secrets}/APPLICATION_PASSWORD"`
CREATE ROLE :"application" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'application_password';
GRANT CONNECT ON DATABASE :"database" TO :"application";
\endif
SQL
