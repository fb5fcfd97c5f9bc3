#!/bin/sh
# What is secret of Prefect's settings comes out of files and goes into a profile that this user alone reads: no environment holds it.
set -eu
login=${PREFECT_LOGIN_FILE:-} store=${PREFECT_STORE_PASSWORD_FILE:-}
if [ -n "$login" ]; then
    export PREFECT_HOME=/tmp/prefect
    umask 077
    mkdir -p "$PREFECT_HOME"
    {
        echo 'active = "compose"'
        echo '[profiles.compose]'
        echo "PREFECT_API_AUTH_STRING = \"$(cat "$login")\""
        if [ -n "$store" ]; then
            echo "PREFECT_SERVER_API_AUTH_STRING = \"$(cat "$login")\""
            echo "PREFECT_API_DATABASE_CONNECTION_URL = \"postgresql+asyncpg://prefect:$(cat "$store")@prefect-store/prefect\""
        fi
    } >"$PREFECT_HOME/profiles.toml"
    umask 022
fi
exec "$@"
