#!/bin/sh
# As the official image's entry point: a cluster at the first start, named and locked by POSTGRES_USER, _PASSWORD and _DB; then the server.
set -e
[ "$1" = postgres ] || exec "$@"
data=/var/lib/postgresql/data sockets=/run/postgresql
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
as="setpriv --reuid=postgres --regid=postgres --init-groups"
mkdir -p "$data" "$sockets"
chown postgres: "$data" "$sockets"
chmod 700 "$data"
if [ ! -s "$data/PG_VERSION" ]; then
    [ -z "${POSTGRES_PASSWORD_FILE:-}" ] || POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
    : "${POSTGRES_PASSWORD:?is not set}"
    install -o postgres -m 600 /dev/null /run/password
    printf %s "$POSTGRES_PASSWORD" >/run/password
    $as initdb -D "$data" -U "$user" -A scram-sha-256 --auth-local=trust --pwfile=/run/password -E UTF8 --locale=C.UTF-8 >/dev/null
    rm /run/password
    echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
    $as pg_ctl -D "$data" -w -o "-c listen_addresses='' -c unix_socket_directories=$sockets" start
    [ "$database" = postgres ] || $as psql -h "$sockets" -U "$user" -d postgres -c "CREATE DATABASE \"$database\""
    $as pg_ctl -D "$data" -w -m fast stop
    echo "PostgreSQL init process complete; ready for start up."
fi
exec $as postgres -D "$data" -c "listen_addresses=*" -c "unix_socket_directories=$sockets"
