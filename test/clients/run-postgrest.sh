#!/usr/bin/env bash
# What PostgREST sends, replayed: its transactions, its statements and its statuses, by the page and by wrong requests.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/clients/pages.sh
. "$root/test/clients/pages.sh"
# shellcheck source=test/clients/postgrest.sh
. "$root/test/clients/postgrest.sh"

# Ids differ from run to run.
page_prints() {
    blocks docs/clients/postgrest.md sh >"$out/page.sh"
    bash -u "$out/page.sh" >"$out/page.out" 2>&1
    diff <(blocks docs/clients/postgrest.md text | sed -E 's/"[0-9a-f]{8}-[0-9a-f-]{27}"/ID/g' | grep .) \
        <(sed -E 's/"[0-9a-f]{8}-[0-9a-f-]{27}"/ID/g' "$out/page.out" | grep .)
}

find_server
clients_server postgrest
trap 'stop_api; stop_servers' EXIT
start_api
check 'postgrest.md shows what comes out' page_prints
start_api
CLERK=$(sign '{"role": "authenticated", "iss": "https://clerk.alder.example", "sub": "user_2ab"}')
export CLERK
check 'requests, embedding, counts, upserts, and the status of each error' "$python" test/clients/postgrest_cases.py
check 'nothing of a request is left in a pooled connection' is \
    "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE usename = 'authenticator' AND state <> 'idle'")" 0
check 'and the ledger is sound' is "$(sql -c 'SELECT count(*) FROM laurel.verify_ledger()')" 0
tally "$passed" "$failed"
