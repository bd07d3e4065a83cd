# shellcheck shell=bash disable=SC2154
# Sourced by the tests of clients that speak to PostgREST, or that have tokens: the replay of it, and who is signed in.

export JWT_SECRET='a secret of at least 32 characters' api=

id_of() {
    sql -c "SELECT id FROM laurel.users WHERE email LIKE '$1@%'"
}

# Prints a token of a person; of service, one of the back end.
token_of() {
    if [ "$1" = service ]; then
        "$python" test/clients/sign.py '{"role": "service_role"}'
    else
        "$python" test/clients/sign.py "{\"role\": \"authenticated\", \"sub\": \"$(id_of "$1")\"}"
    fi
}

# Each database has ids of its own, and the replay has read its catalogue, so it starts with it.
start_api() {
    local name login=${DATABASE_URL/laurel_app/authenticator} reader=${DATABASE_URL/laurel_app/postgres}
    stop_api
    clients_database
    rm -f "$out/port"
    DATABASE_URL=$login CATALOGUE_URL=$reader "$python" test/clients/postgrest_server.py "$out/port" >"$out/api.log" 2>&1 </dev/null &
    api=$!
    until [ -s "$out/port" ]; do
        kill -0 "$api" 2>/dev/null || fail "the replay did not start: $(tail -n 3 "$out/api.log")"
        sleep 0.05
    done
    API=http://127.0.0.1:$(cat "$out/port")
    for name in olga ana service; do
        printf -v "${name^^}" '%s' "$(token_of "$name")"
    done
    ANA_ID=$(id_of ana)
    export API OLGA ANA SERVICE ANA_ID
}

stop_api() {
    [ -z "${api:-}" ] || kill "$api" 2>/dev/null || true
    api=
}
