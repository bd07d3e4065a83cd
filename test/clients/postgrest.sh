# shellcheck shell=bash disable=SC2154
# Sourced by the tests of clients that speak to PostgREST, or that have tokens: the replay of it, and who is signed in.

api=

# Each database has ids of its own, and the replay has read its catalogue, so it starts with it.
start_api() {
    local login=${DATABASE_URL/laurel_app/authenticator} reader=${DATABASE_URL/laurel_app/postgres}
    stop_api
    clients_database
    # shellcheck source=docs/clients/tokens.sh
    . docs/clients/tokens.sh
    rm -f "$out/port"
    DATABASE_URL=$login CATALOGUE_URL=$reader "$python" test/clients/postgrest_server.py "$out/port" >"$out/api.log" 2>&1 </dev/null &
    api=$!
    until [ -s "$out/port" ]; do
        kill -0 "$api" 2>/dev/null || fail "the replay did not start: $(tail -n 3 "$out/api.log")"
        sleep 0.05
    done
    API=http://127.0.0.1:$(cat "$out/port")
    export API
}

stop_api() {
    [ -z "${api:-}" ] || kill "$api" 2>/dev/null || true
    api=
}
