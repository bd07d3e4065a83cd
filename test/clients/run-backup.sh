#!/usr/bin/env bash
# pgBackRest as docs/clients/operations.md sets it up: a moment between two writes comes back, with a sound ledger, and life goes on.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/clients/pages.sh
. "$root/test/clients/pages.sh"

# The page's configuration, with the folders of this test; what else it needs says where the server's socket is.
configure() {
    local paths="lock-path=$server/lock\nlog-level-file=off\nlog-level-console=warn\nspool-path=$server/spool"
    blocks docs/clients/operations.md ini | sed -n '/^\[global\]/,$p' | sed -e "s|^repo1-path=.*|repo1-path=$server/repository\n$paths|" \
        -e "s|^pg1-path=.*|pg1-path=$server/data\npg1-port=$PGPORT\npg1-socket-path=$server|" | as_server_user tee "$server/pgbackrest.conf" >/dev/null
}

# The page's commands that begin with a line.
step() {
    blocks docs/clients/operations.md sh | awk -v first="# $1" '/^#/ { mine = index($0, first) == 1 } mine && /^pgbackrest/'
}

run_step() {
    as_server_user env PGBACKREST_CONFIG="$server/pgbackrest.conf" MOMENT="${moment:-}" bash -eu -c "$(step "$1")"
}

write() {
    sql -c "INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT id, 5, 't', '$1' FROM laurel.users"
}

# A superuser who goes past every rule.
accident() {
    write after
    sql -c 'BEGIN' -c 'SET LOCAL session_replication_role = replica' -c 'DELETE FROM laurel.points_ledger' -c 'COMMIT' -c 'SELECT pg_switch_wal()' -o /dev/null
    [ "$(sql -c 'SELECT count(*) > 0 FROM laurel.verify_ledger()')" = t ]
}

restore() {
    as_server_user pg_ctl stop -m fast -w -D "$server/data" >/dev/null
    run_step 'the server is stopped' || return 1
    as_server_user env PGBACKREST_CONFIG="$server/pgbackrest.conf" pg_ctl start -w -t 60 -D "$server/data" -l "$server/log" </dev/null >/dev/null || {
        tail -n 20 "$server/log"
        return 1
    }
    until [ "$(sql -c 'SELECT pg_is_in_recovery()')" = f ]; do
        sleep 0.1
    done
}

contents() {
    sql -c 'SELECT count(*), sum(amount), string_agg(DISTINCT reason, $$, $$) FROM laurel.points_ledger' -c 'SELECT sum(total_points) FROM laurel.user_points' \
        -c 'SELECT count(*) FROM laurel.verify_ledger()'
}

find_server
clients_server backup 'wal_level = replica' 'archive_mode = on' "archive_command = 'pgbackrest --config=@/pgbackrest.conf --stanza=laurel archive-push %p'"
configure
clients_database
check 'a backup is made' run_step 'a full backup'
# pgBackRest counts whole seconds.
sleep 1.1
write before
before=$(contents)
moment=$(sql -c 'SELECT clock_timestamp()')
check 'what must not happen happens' accident
check 'the moment before comes back' restore
check 'with what was written until then' is "$(contents)" "$before"
check 'and life goes on' is "$(write later && sql -c 'SELECT min(entry_no), max(entry_no) FROM laurel.points_ledger' -c 'SELECT count(*) FROM laurel.verify_ledger()')" '1|2
0'
tally "$passed" "$failed"
