#!/usr/bin/env bash
# What PostgREST sends, replayed: its transactions, its statements and its statuses, by the page and by wrong requests.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/clients/pages.sh
. "$root/test/clients/pages.sh"

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

# Ids differ from run to run.
page_prints() {
    blocks docs/clients/postgrest.md sh >"$out/page.sh"
    bash -u "$out/page.sh" >"$out/page.out" 2>&1
    diff <(blocks docs/clients/postgrest.md text | sed -E 's/"[0-9a-f]{8}-[0-9a-f-]{27}"/ID/g' | grep .) \
        <(sed -E 's/"[0-9a-f]{8}-[0-9a-f-]{27}"/ID/g' "$out/page.out" | grep .)
}

find_server
export JWT_SECRET='a secret of at least 32 characters' api=
clients_server postgrest
trap 'stop_api; stop_servers' EXIT
start_api
check 'postgrest.md shows what comes out' page_prints
start_api
CLERK=$("$python" test/clients/sign.py '{"role": "authenticated", "iss": "https://clerk.alder.example", "sub": "user_2ab"}')
export CLERK
check 'requests, embedding, counts, upserts, and the status of each error' "$python" test/clients/postgrest_cases.py
check 'nothing of a request is left in a pooled connection' is \
    "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE usename = 'authenticator' AND state <> 'idle'")" 0
check 'and the ledger is sound' is "$(sql -c 'SELECT count(*) FROM laurel.verify_ledger()')" 0
tally "$passed" "$failed"
