# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by the worker's tests: a server of their own, workers and fake peers that can be killed, and an observer's
# ledger that says what was lost and what came twice. The caller has sourced scripts/lib.sh and set `name`.

out=$root/build/test-worker/$name
support=$root/test/worker/support
program=$root/build/worker/worker/laurel-worker
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/scripts
forget_worker_settings

# A server in a folder with a short path, so that it can be crashed and restarted. It trusts everybody on its socket.
prepare() {
    scripts/build-worker.sh || tally 0 1
    rm -rf "$out"
    mkdir -p "$out"
    home=$(as_server_user mktemp -d "/tmp/laurel-$name.XXXXXX")
    chmod 711 "$home"
    trap clean_up EXIT
    as_server_user initdb -D "$home/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-instructions >/dev/null
    key_files "$home" | as_server_user tee -a "$home/data/postgresql.conf" >/dev/null
    export PGHOST=$home PGPORT=54398 PGUSER=postgres PGDATABASE=postgres
    server start
    sql -c 'CREATE DATABASE laurel'
    export PGDATABASE=laurel
    sql -c 'CREATE EXTENSION laurel CASCADE' -c 'SELECT laurel.migrate()' -o /dev/null 2>/dev/null
}

# server start, or restart with what else pg_ctl is told.
server() {
    as_server_user pg_ctl "$@" -w -t 60 -D "$home/data" -l "$home/log" -o "-p $PGPORT -k $home -c listen_addresses= \
        -c shared_buffers=128MB -c timezone=UTC -c log_min_messages=fatal" </dev/null >/dev/null 2>&1
}

clean_up() {
    local file
    for file in "$out"/*.pid; do
        [ ! -f "$file" ] || kill -9 "$(cat "$file")" 2>/dev/null || true
    done
    as_server_user pg_ctl stop -m immediate -D "$home/data" >/dev/null 2>&1 || true
    as_server_user rm -rf "$home"
}

# Keeps a process running under a name: background NAME LOG COMMAND...
background() {
    local log=$out/$2 file=$out/$1.pid
    shift 2
    "$@" </dev/null >>"$log" 2>&1 &
    echo $! >"$file"
    disown
}

# worker NAME [VARIABLE=value ...] starts one that serves in the background.
worker() {
    local worker=$1
    shift
    background "$worker" "$worker.log" env LAUREL_HTTP_PORT=0 "${settings[@]}" "$@" "$program" run
}

# Delivers what is due and ends: once [VARIABLE=value ...]
once() {
    timeout 30 env "${settings[@]}" "$@" "$program" run --once >>"$out/once.log" 2>&1 || {
        echo "run --once ended with $?"
        tail -n 5 "$out/once.log"
        return 1
    }
}

# signal NAME SIGNAL
signal() {
    kill "-$2" "$(cat "$out/$1.pid")"
}

is_gone() {
    ! kill -0 "$(cat "$out/$1.pid")" 2>/dev/null
}

# Sends a signal and waits until it is gone, so many seconds at most.
stop() {
    signal "$1" "${2:-TERM}"
    within "${3:-10}" is_gone "$1"
}

# within SECONDS COMMAND... repeats the command until it succeeds.
within() {
    local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
    shift
    until "$@" >/dev/null 2>&1; do
        if [ "${EPOCHREALTIME/./}" -gt "$end" ]; then
            echo "did not happen in time: $*"
            return 1
        fi
        sleep 0.05
    done
}

# peer NAME PROGRAM [VARIABLE=value ...] -- [ARGUMENT ...] starts a fake peer on a port of its own choice, which it leaves
# in $out/NAME.port; its ledger is $out/NAME.seen.
peer() {
    local peer=$1 program=$2 variables=()
    shift 2
    while [ "$1" != -- ]; do
        variables+=("$1")
        shift
    done
    shift
    : >"$out/$peer.seen"
    background "$peer" "$peer.out" env "${variables[@]}" python3 "$support/$program" 0 "$out/$peer.seen" "$@"
    within 10 test -s "$out/$peer.out"
    head -n 1 "$out/$peer.out" >"$out/$peer.port"
}

port() {
    cat "$out/$1.port"
}

value() {
    sql -c "$1"
}

# endpoint PATH TYPE makes a webhook endpoint at the peer for notifications of that type; prints its secret.
endpoint() {
    value "SELECT secret FROM laurel.create_webhook_endpoint('$1', ARRAY['$2'], allow_insecure => true)"
}

# How a notification of that type fared: outcome, attempts and reason of its delivery, or of its last attempt.
fate() {
    value "SELECT coalesce(
        (SELECT concat_ws(' ', d.state, d.attempts, d.last_error) FROM laurel.notification_deliveries d
         JOIN laurel.notifications n ON n.id = d.notification_id WHERE n.type = '$1' ORDER BY d.id DESC LIMIT 1),
        (SELECT concat_ws(' ', a.outcome, a.attempt, a.error) FROM laurel.delivery_attempts a
         JOIN laurel.notifications n ON n.id = a.notification_id WHERE n.type = '$1' ORDER BY a.finished_at DESC LIMIT 1))"
}

# notify TYPE CHANNEL [COUNT] tells so many members and remembers, in the transaction that says it and so before any
# worker can deliver it, what is to arrive.
notify() {
    sql -1 -o /dev/null -c "SELECT count(laurel.notify(u.id, '$1', 'Title', 'Text', channels => '{$2}'))
        FROM (SELECT id FROM laurel.users ORDER BY email LIMIT ${3:-1}) u" -c "\\o $out/expected" \
        -c "SELECT d.id FROM laurel.notification_deliveries d JOIN laurel.notifications n ON n.id = d.notification_id
            WHERE d.channel = '$2' AND n.created_at = now() ORDER BY d.id"
}

arrived() {
    awk '{ print $2 }' "$out/$1.seen" | LC_ALL=C sort -u | grep -cFxf "$out/expected" || true
}

# arrivals PEER MOST: nothing expected is missing, and at most so many came again.
arrivals() {
    local expected missing repeats
    expected=$(wc -l <"$out/expected")
    missing=$((expected - $(arrived "$1")))
    repeats=$(awk '{ print $2 }' "$out/$1.seen" | LC_ALL=C grep -Fxf "$out/expected" | sort | uniq -d | wc -l)
    echo "expected $expected, missing $missing, repeated $repeats of at most $2"
    [ "$expected" -gt 0 ] && [ "$missing" -eq 0 ] && [ "$repeats" -le "$2" ]
}

# How many deliveries a worker has leased.
held_by() {
    value "SELECT count(*) FROM laurel.notification_deliveries d JOIN laurel.delivery_leases l ON l.token = d.lease_token
        JOIN laurel.workers w USING (worker_id) WHERE w.pid = $(cat "$out/$1.pid")"
}

queue_is_empty() {
    [ "$(value 'SELECT count(*) FROM laurel.notification_deliveries')" = 0 ]
}

clear_queue() {
    sql -c 'DELETE FROM laurel.notification_deliveries' -c 'DELETE FROM laurel.delivery_leases'
}
