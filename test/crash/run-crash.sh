#!/usr/bin/env bash
# Kills a server of its own with SIGKILL while clients award points: what was acknowledged is there, once, and a retry
# of everything changes nothing.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

out=$root/build/crash
clients=6
seconds=2 # of awarding before each crash

# The server lives in build/crash unless its user cannot get there; its socket in a folder with a short path.
prepare() {
    rm -rf "$out"
    mkdir -p "$out"
    socket=$(as_server_user mktemp -d /tmp/laurel-crash.XXXXXX)
    home=$socket
    if as_server_user test -x "$out"; then
        home=$out/server
        install -d -o "$(server_user)" -m 700 "$home"
    fi
    trap clean_up EXIT
    as_server_user initdb -D "$home/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-instructions >/dev/null
    key_files "$home" | as_server_user tee -a "$home/data/postgresql.conf" >/dev/null
    export PGHOST=$socket PGPORT=54399 PGUSER=postgres PGDATABASE=postgres
}

clean_up() {
    as_server_user pg_ctl stop -m immediate -D "$home/data" >/dev/null 2>&1 || true
    as_server_user rm -rf "$socket" "$home/data"
}

# Starts the server, again where processes of the one that was killed still hold its memory.
start() {
    for _ in {1..30}; do
        if as_server_user pg_ctl start -w -t 60 -D "$home/data" -l "$home/log" \
            -o "-p $PGPORT -k $socket -c listen_addresses='' -c shared_buffers=128MB -c max_prepared_transactions=2" </dev/null >/dev/null 2>&1; then
            return 0
        fi
        sleep 0.5
    done
    as_server_user tail -n 20 "$home/log"
    return 1
}

# Waits for a server that restarts by itself.
answer() {
    for _ in {1..100}; do
        psql -X -q -c 'SELECT 1' >/dev/null 2>&1 && return 0
        sleep 0.2
    done
    return 1
}

fill() {
    sql -c 'CREATE EXTENSION laurel CASCADE' -c 'SELECT laurel.migrate()' -o /dev/null
    sql -c "INSERT INTO laurel.users (id, email) SELECT ('a0000000-0000-0000-0000-00000000000' || n)::uuid, n || '@crash.test'
            FROM generate_series(1, 5) n" -c 'CREATE TABLE acknowledged (key text)'
}

# What one client asks for in one round, a line each: single awards, and every tenth a batch of three. An answer is its keys.
script() {
    awk -v who="$1" 'BEGIN {
        for (n = 1; n <= 20000; n++) {
            key = who "-" n
            user = "a0000000-0000-0000-0000-00000000000" n % 5 + 1
            if (n % 10)
                printf "SELECT '\''%s'\'' FROM laurel.record_points_transaction('\''%s'\'', %d, '\''t'\'', reason => '\''r'\'', idempotency_key => '\''%s'\'');\n", \
                    key, user, n % 7 + 1, key
            else {
                printf "SELECT '\''%s.'\'' || position FROM laurel.record_points_transactions('\''[", key
                for (i = 1; i <= 3; i++)
                    printf "%s{\"user_id\": \"a0000000-0000-0000-0000-00000000000%d\", \"amount\": %d, \"transaction_type\": \"t\", \"reason\": \"r\", \"idempotency_key\": \"%s.%d\"}", \
                        (i > 1 ? ", " : ""), (n + 4 * i) % 5 + 1, i, key, i
                print "]'\'');"
            }
        }
    }'
}

# Seals one time after the other, until the server is gone.
seal() {
    while psql -X -q -A -t -c 'SELECT laurel.seal_ledger()' 2>/dev/null; do :; done >"$out/$1.seals"
}

# Lets the clients of a round work until the server is gone; what each was told is in its answers.
work() {
    local client
    seal "$1" &
    for ((client = 1; client <= clients; client++)); do
        script "$1-$client" >"$out/$1-$client.sql"
        psql -X -q -A -t -v ON_ERROR_STOP=1 -f "$out/$1-$client.sql" >"$out/$1-$client.answers" 2>/dev/null &
    done
    sleep "$seconds"
}

postmaster() {
    as_server_user head -n 1 "$home/data/postmaster.pid"
}

kill_postmaster() {
    as_server_user kill -9 "$(postmaster)"
}

# A backend that dies makes the postmaster restart everything.
kill_backend() {
    as_server_user kill -9 "$(sql -c "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'
        AND pid <> pg_backend_pid() AND state = 'active' LIMIT 1")"
}

none() {
    local found
    found=$(sql -c "SELECT count(*) FROM ($1) q")
    [ "$found" = 0 ] || {
        echo "$found rows of: $1"
        return 1
    }
}

equal() {
    local found
    found=$(sql -c "$1")
    [ "$found" = t ] || {
        echo "$found: $1"
        return 1
    }
}

check_ledger() {
    cat "$out"/*.answers | sed '/^$/d' | sql -c 'TRUNCATE acknowledged' -c '\copy acknowledged FROM STDIN'
    check "$1: every acknowledged award is there, once" none \
        "SELECT FROM acknowledged a LEFT JOIN laurel.points_ledger l ON l.idempotency_key = a.key GROUP BY a.key HAVING count(l.id) <> 1"
    check "$1: batches are there as a whole or not at all" none \
        "SELECT FROM laurel.points_ledger WHERE idempotency_key LIKE '%.%' GROUP BY split_part(idempotency_key, '.', 1) HAVING count(*) <> 3"
    check "$1: the ledger is sound, and all that was sealed is there" none "SELECT FROM laurel.verify_ledger()"
    check "$1: each seal that was acknowledged is there" equal \
        "SELECT count(*) >= $(cat "$out"/*.seals | awk '{ sum += $1 } END { print sum + 0 }') AND count(*) > 0 FROM laurel_internal.ledger_seals"
    check "$1: a thorough look finds no more than what is left" equal "SELECT laurel.seal_ledger() <= 1 AND laurel.seal_ledger(true) = 0"
    check "$1: balances are sums" equal \
        "SELECT (SELECT sum(amount) FROM laurel.points_ledger) = (SELECT sum(total_points) FROM laurel.user_points)"
}

crash() {
    work "$1"
    "$2"
    wait
    check "$1: some work was done" test "$(cat "$out/$1"-*.answers | wc -l)" -gt 100
    check "$1: the server comes back" "$3"
    check_ledger "$1"
}

# Every client asks again for all it was told, and for the request whose answer was lost.
retry() {
    local file requests
    for file in "$out"/*.answers; do
        requests=$(sed -E 's/.*-([0-9]+)(\.[0-9])?$/\1/' "$file" | sort -n | tail -n 1)
        head -n $((${requests:-0} + 1)) "${file%.answers}.sql" |
            PGOPTIONS='-c synchronous_commit=off' psql -X -q -A -t -v ON_ERROR_STOP=1 -f - >"$file.again" &
    done
    wait
    for file in "$out"/*.answers; do
        mv "$file.again" "$file"
    done
}

# Prints how many seals a call makes.
sealed() {
    sql -c 'SELECT laurel.seal_ledger()'
}

# An entry that is prepared is looked for until it is committed, however many seals are made and servers killed meanwhile.
prepared_is_sealed() {
    local n
    sealed >/dev/null
    sql -c BEGIN -c "INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('a0000000-0000-0000-0000-000000000001', 9, 't', 'r')" \
        -c "PREPARE TRANSACTION 'late'"
    for n in 2 3; do
        sql -c "INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('a0000000-0000-0000-0000-00000000000$n', 9, 't', 'r')"
        is "$(sealed)" 1 || return 1
        kill_postmaster
        start || return 1
    done
    sql -c "INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('a0000000-0000-0000-0000-000000000004', 9, 't', 'r')"
    is "$(sealed)" 1 && sql -c "COMMIT PREPARED 'late'" && is "$(sealed)" 1 && is "$(sql -c 'SELECT laurel.seal_ledger(true)')" 0
}

find_server
installed_extension laurel || fail "the server in $bindir lacks the extension: run make install"
prepare
check "a server starts" start
check "the schema is there" fill
[ "$failed" -eq 0 ] || tally "$passed" "$failed"
crash "killed postmaster" kill_postmaster start
crash "killed backend" kill_backend answer
crash "killed postmaster again" kill_postmaster start
check "everything is asked for again" retry
check_ledger "retried"
check "retried: nothing is there that was not asked for" equal \
    "SELECT (SELECT count(*) FROM laurel.points_ledger) = (SELECT count(DISTINCT key) FROM acknowledged)"
check "an entry that was prepared is sealed once it is committed" prepared_is_sealed
tally "$passed" "$failed"
