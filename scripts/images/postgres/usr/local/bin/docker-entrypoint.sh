#!/bin/bash
# Makes a PostgreSQL cluster in $PGDATA on the first start, then runs the server as the user postgres.
#
# Reads, as the public image does: POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS and
# POSTGRES_HOST_AUTH_METHOD, each also as NAME_FILE, and runs what lies in /docker-entrypoint-initdb.d.
set -Eeuo pipefail

from_file_or_env() { # NAME [DEFAULT]
  local file=$1_FILE
  if [ -n "${!1:-}" ] && [ -n "${!file:-}" ]; then
    echo "error: both $1 and $file are set (but are exclusive)" >&2
    exit 1
  fi
  if [ -n "${!file:-}" ]; then
    export "$1"="$(<"${!file}")"
  else
    export "$1"="${!1:-${2:-}}"
  fi
  unset "$file"
}

run_init_scripts() {
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sh) echo "$0: running $script"; . "$script" ;;
      *.sql) echo "$0: running $script"; query -f "$script" ;;
      *.sql.gz) echo "$0: running $script"; gunzip -c "$script" | query ;;
    esac
  done
}

query_in() { psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc -U "$POSTGRES_USER" -d "$@"; } # DATABASE ARG…
query() { query_in "$POSTGRES_DB" "$@"; }

make_cluster() {
  from_file_or_env POSTGRES_PASSWORD
  from_file_or_env POSTGRES_USER postgres
  from_file_or_env POSTGRES_DB "$POSTGRES_USER"
  from_file_or_env POSTGRES_INITDB_ARGS
  local auth=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$auth" != trust ]; then
    echo "Error: Database is uninitialized and superuser password is not specified." >&2
    echo "       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser." >&2
    exit 1
  fi
  # shellcheck disable=SC2086  # the arguments are words
  initdb -D "$PGDATA" --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
    --auth-local=trust --auth-host="$auth" $POSTGRES_INITDB_ARGS
  printf '\nhost all all all %s\n' "$auth" >>"$PGDATA/pg_hba.conf"
  # Nobody but this script may reach the server until its database is there.
  pg_ctl -D "$PGDATA" -w start -o "-c listen_addresses=''"
  if [ "$POSTGRES_DB" != postgres ]; then
    printf 'CREATE DATABASE :"name";' | query_in postgres -v name="$POSTGRES_DB"
  fi
  run_init_scripts
  pg_ctl -D "$PGDATA" -m fast -w stop
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

[ "${1:0:1}" != - ] || set -- postgres "$@"
if [ "$1" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    find "$PGDATA" ! -user postgres -exec chown postgres '{}' +
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi
  [ -s "$PGDATA/PG_VERSION" ] || make_cluster
fi
exec "$@"
