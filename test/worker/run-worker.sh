#!/usr/bin/env bash
# Kills, stops and starves workers and their server while webhooks are under way, and counts at the peer: nothing is lost,
# and what comes twice was under way. Then everything an operator sees and does.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

name=worker
# shellcheck source=test/worker/support/harness.sh
. "$root/test/worker/support/harness.sh"

# Fills the queue with so many webhooks for endpoints of that type.
load() {
    clear_queue
    notify "$1" webhook "$2"
}

some_arrived() {
    [ "$(arrived http)" -ge "$1" ]
}

all_arrived() {
    some_arrived "$(wc -l <"$out/expected")"
}

# is_idle NAME: that worker waits for something to do.
is_idle() {
    [ "$(value "SELECT idle FROM laurel.workers WHERE pid = $(cat "$out/$1.pid")")" = t ]
}

in_state() {
    value "SELECT count(*) FROM laurel.notification_deliveries WHERE state = '$1'"
}

# Everything has arrived and is done within so many seconds.
drains() {
    within "$1" all_arrived && within 10 queue_is_empty
}

seen_more_than() {
    [ "$(wc -l <"$out/http.seen")" -gt "$1" ]
}

# The next look is seconds away, so only the NOTIFY of the insert can wake it.
insert_wakes_idle_worker() {
    local before
    clear_queue
    worker waker LAUREL_POLL=10s LAUREL_LEASE=30s
    within 10 is_idle waker || return 1
    for _ in 1 2 3; do
        before=$(wc -l <"$out/http.seen")
        notify quick webhook
        within 1 seen_more_than "$before" || return 1
        sleep 0.1
    done
    stop waker
}

polling_alone_suffices() {
    worker poller LAUREL_POLL_ONLY=true LAUREL_POLL=200ms
    sleep 0.5
    load quick 50
    drains 5 && ! grep -q LISTEN <(value "SELECT query FROM pg_stat_activity WHERE application_name = 'laurel-worker'") &&
        stop poller
}

sigkill_loses_nothing() {
    local held
    load slow 600
    worker victim
    within 10 some_arrived 50 || return 1
    worker heir
    signal victim KILL
    held=$(in_state leased)
    [ "$held" -gt 0 ] || return 1
    drains 30 && arrivals http "$held" && stop heir
}

# At any moment, five times over; what each held may come again.
repeated_sigkill_loses_nothing() {
    local round held=0
    load slow 600
    for round in 1 2 3 4 5; do
        worker "victim$round"
        within 10 some_arrived $((round * 20)) || return 1
        sleep "0.$((RANDOM % 9 + 1))"
        signal "victim$round" KILL
        held=$((held + $(held_by "victim$round")))
    done
    worker heir
    drains 30 && arrivals http "$held" && stop heir
}

# With the settings that a worker has unless told otherwise.
recovers_by_default_within_half_a_minute() {
    load slow 100
    worker victim LAUREL_LEASE= LAUREL_POLL= LAUREL_STATEMENT_TIMEOUT=
    within 10 some_arrived 10 || return 1
    worker heir LAUREL_LEASE= LAUREL_POLL= LAUREL_STATEMENT_TIMEOUT=
    signal victim KILL
    [ "$(in_state leased)" -gt 0 ] && drains 30 && stop heir
}

terminated_connections_lose_nothing() {
    load slow 600
    worker survivor
    within 10 some_arrived 20 || return 1
    for _ in 1 2 3 4 5; do
        sql -o /dev/null -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'laurel-worker'"
        sleep 0.2
    done
    drains 30 && arrivals http 0 && stop survivor
}

server_restart_loses_nothing() {
    load slow 600
    worker survivor
    within 10 some_arrived 50 || return 1
    server restart -m immediate
    drains 30 && arrivals http 0 && within 5 is_idle survivor && stop survivor
}

# One in three COMMITs of a claim is done and its answer lost: what was claimed in it comes back, what was told in it is told again.
lost_commit_answers_lose_and_repeat_nothing() {
    mkdir -p "$out/proxy"
    background proxy proxy.log python3 "$support/commit_proxy.py" "$out/proxy/.s.PGSQL.$PGPORT" "$PGHOST/.s.PGSQL.$PGPORT" 3 "$out/proxy.seen"
    within 5 test -S "$out/proxy/.s.PGSQL.$PGPORT"
    load slow 300
    worker doubter "PGHOST=$out/proxy" LAUREL_LEASE=60s LAUREL_BATCH=20
    drains 30 && arrivals http 0 && grep -q 'lost an answer' "$out/proxy.seen" &&
        grep -qE 'gave back [1-9][0-9]* deliveries of a claim' "$out/doubter.log" && stop doubter && stop proxy KILL
}

# so many workers share a queue without a single repeat.
workers_share() {
    local count=$1 number
    load fast 2000
    for ((number = 1; number <= count; number++)); do
        worker "shared$number"
    done
    drains 30 && arrivals http 0 || return 1
    for ((number = 1; number <= count; number++)); do
        stop "shared$number" || return 1
    done
}

sigterm_ends_what_is_under_way() {
    load slow 600
    worker leaver
    within 10 some_arrived 50 || return 1
    stop leaver TERM 10 || return 1
    is "$(in_state leased)" 0 && [ "$(in_state ready)" -gt 0 ] || return 1
    is "$(value "SELECT max(attempts) FROM laurel.notification_deliveries")" 0 || return 1
    worker heir
    drains 30 && arrivals http 0 && stop heir
}

sigterm_does_not_wait_for_a_hanging_peer() {
    load hanging 20
    worker leaver LAUREL_SHUTDOWN_GRACE=1s
    within 10 some_arrived 5 || return 1
    stop leaver TERM 3 || return 1
    is "$(in_state ready)" 20 && is "$(value 'SELECT max(attempts) FROM laurel.notification_deliveries')" 0
}

# The server's process stands still in the middle; nobody answers, and nobody is asked.
sigterm_does_not_wait_for_a_frozen_server() {
    local backend
    load fast 20
    worker leaver
    within 10 queue_is_empty || return 1
    backend=$(value "SELECT min(pid) FROM pg_stat_activity WHERE application_name = 'laurel-worker' AND query NOT LIKE 'LISTEN%'")
    as_server_user kill -STOP "$backend"
    sleep 3
    stop leaver TERM 10
    local status=$?
    as_server_user kill -CONT "$backend"
    grep -q 'did not stop in time' "$out/leaver.log" && return "$status"
}

second_sigterm_stops_at_once() {
    load hanging 20
    worker leaver
    within 10 some_arrived 5 || return 1
    signal leaver TERM
    sleep 0.3
    ! is_gone leaver && stop leaver TERM 1 && is "$(in_state ready)" 20
}

# It slept past its lease, another took over; awake again it must not send, nor end, what is no longer its own.
sleeper_does_not_disturb_its_heir() {
    local held
    load slow 300
    worker sleeper
    within 10 some_arrived 20 || return 1
    signal sleeper STOP
    held=$(in_state leased)
    worker heir
    drains 30 || return 1
    signal sleeper CONT
    sleep 1
    arrivals http "$held" && queue_is_empty && stop sleeper && stop heir
}

full_pool_is_waited_for() {
    load fast 20
    sql -c "ALTER ROLE clerk CONNECTION LIMIT 1"
    background hog hog.log psql -X -q -U clerk -c 'SELECT pg_sleep(60)'
    within 5 test 1 = "$(value "SELECT 1")"
    worker waiter PGUSER=clerk
    within 5 grep -q 'too many connections' "$out/waiter.log" || return 1
    stop hog KILL && sql -o /dev/null -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk'" \
        -c 'ALTER ROLE clerk CONNECTION LIMIT -1'
    drains 15 && arrivals http 0 && stop waiter
}

# A peer that hangs fills the room of its endpoint, not the worker's.
hanging_peer_does_not_hold_up_others() {
    clear_queue
    notify hanging webhook 100
    worker patient
    within 10 grep -q /hang "$out/http.seen" || return 1
    notify fast webhook 100
    within 5 all_arrived && stop patient KILL
    clear_queue
}

exits_with() {
    local code=$1 status=0
    shift
    timeout 20 "$@" >"$out/exit.log" 2>&1 || status=$?
    cat "$out/exit.log"
    [ "$status" -eq "$code" ]
}

says() {
    grep -qE "$1" "$out/exit.log"
}

bad_configuration_is_told() {
    exits_with 2 env LAUREL_SMPT_URL=smtp://x "$program" run && says 'did you mean LAUREL_SMTP_URL' &&
        exits_with 2 env LAUREL_LEASE=soon "$program" check && says 'LAUREL_LEASE=soon: must be a time' &&
        exits_with 2 "$program" --config "$out/absent" check && says 'cannot be read' &&
        exits_with 2 "$program" fly && exits_with 0 "$program" --version && says '^laurel-worker [0-9]' || return 1
    exits_with 2 env 'DATABASE_URL=host=x nonsense' "$program" check && says 'no connection string' &&
        exits_with 2 env "LAUREL_HTTP_PORT=$(port http)" "$program" run && says 'cannot be listened at.*name a free port' || return 1
    printf 'LAUREL_POLL=2s\nLAUREL_BACTH=5\n' >"$out/worker.env"
    exits_with 2 "$program" --config "$out/worker.env" check && says 'did you mean LAUREL_BATCH'
}

unfit_database_is_told() {
    sql -d postgres -c 'CREATE DATABASE bare' -c 'CREATE DATABASE unmigrated'
    sql -d unmigrated -c 'CREATE EXTENSION laurel CASCADE' 2>/dev/null
    exits_with 4 env PGDATABASE=bare LAUREL_HTTP_PORT=0 "$program" run && says 'has no Laurel: run CREATE EXTENSION' &&
        exits_with 4 env PGDATABASE=unmigrated "$program" check && says 'pending migrations: run SELECT laurel.migrate' &&
        exits_with 4 env PGUSER=nobody "$program" check && says 'GRANT service_role TO' &&
        exits_with 3 env PGPORT=1 "$program" check && says 'there is no way to the database' &&
        exits_with 0 env PGUSER=clerk "$program" check
}

example_file_is_complete() {
    diff .env.example <("$program" settings)
}

fetch() {
    python3 -c 'import sys, urllib.request, urllib.error
try:
    reply = urllib.request.urlopen(sys.argv[1], timeout=5)
except urllib.error.HTTPError as error:
    reply = error
print(reply.status, reply.read().decode())' "http://127.0.0.1:$http_port$1"
}

fetched() {
    like "$(fetch "$1")" "$2"
}

# answer METHOD HOST prints the status of /healthz for that method and Host.
answer() {
    python3 -c 'import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
connection.request(sys.argv[2], "/healthz", headers={"Host": sys.argv[3]})
print(connection.getresponse().status)' "$http_port" "$1" "$2"
}

# A page elsewhere may point a name of its own here, but not read anything by it.
port_serves_its_own_machine() {
    worker host LAUREL_HTTP_PORT="$http_port"
    within 5 fetched /readyz '^200' || return 1
    is "$(answer GET localhost:1) $(answer GET '[::1]:1') $(answer GET evil.example) $(answer GET localhost.evil.example) $(answer POST localhost)" '200 200 403 403 405' &&
        stop host
}

health_is_told() {
    clear_queue
    worker told LAUREL_HTTP_PORT="$http_port" LAUREL_LOG=json PGUSER=clerk
    within 5 fetched /readyz '^200' || return 1
    load fast 10
    within 5 all_arrived && within 2 fetched /metrics 'laurel_delivered_total.channel="webhook",outcome="delivered". 10' &&
        fetched /metrics 'laurel_listen_connected 1' && fetched / '^200 <!DOCTYPE html>' && fetched /healthz '^200' && fetched /nothing '^404' || return 1
    server stop -m fast
    within 5 fetched /readyz '^503' && fetched /healthz '^200' && fetched / 'No database' || return 1
    server start
    within 10 fetched /readyz '^200' && fetched /metrics 'laurel_db_reconnects_total 1' && stop told || return 1
    python3 -c 'import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert all({"time", "level", "message"} <= line.keys() for line in lines) and len(lines) > 3' <"$out/told.log"
}

service_manager_is_told() {
    background manager manager.log python3 "$support/service_manager.py" "$out/notify"
    within 5 test -S "$out/notify"
    worker managed "NOTIFY_SOCKET=$out/notify" WATCHDOG_USEC=400000
    within 5 grep -q READY=1 "$out/manager.log" && within 2 grep -q WATCHDOG=1 "$out/manager.log" && stop managed &&
        grep -q STOPPING=1 "$out/manager.log" && stop manager KILL
}

log_level_is_read_anew() {
    echo LAUREL_LOG_LEVEL=warning >"$out/level.env"
    background chatty chatty.log env "${settings[@]}" LAUREL_HTTP_PORT=0 "$program" --config "$out/level.env" run
    within 10 is_idle chatty || return 1
    echo LAUREL_LOG_LEVEL=info >"$out/level.env"
    signal chatty HUP
    within 3 grep -q 'read the log level anew' "$out/chatty.log" && ! grep -q begins "$out/chatty.log" && stop chatty
}

# Three workers, one due job that takes a second, one that fails and one that would take for ever.
jobs_run_once_and_hold_nothing_up() {
    clear_queue
    sql -c 'CREATE TABLE job_runs (name text)' -c 'DELETE FROM laurel.jobs' \
        -c "INSERT INTO laurel.jobs (name, description, schedule, command, timeout, created_at) VALUES
            ('once', '-', '0 0 1 1 *', 'INSERT INTO job_runs SELECT ''once'' FROM pg_sleep(1)', '1 minute', now() - interval '1 year'),
            ('broken', '-', '0 0 1 1 *', 'SELECT 1/0', '1 minute', now() - interval '1 year'),
            ('endless', '-', '0 0 1 1 *', 'SELECT pg_sleep(600)', '3 seconds', now() - interval '1 year')"
    worker job1 && worker job2 && worker job3
    load fast 50
    within 5 all_arrived || return 1
    within 15 is_told_of_jobs || return 1
    is "$(value 'SELECT count(*) FROM job_runs')" 1 &&
        like "$(value "SELECT last_error FROM laurel.jobs WHERE name = 'broken'")" 'division by zero' &&
        like "$(value "SELECT last_error FROM laurel.jobs WHERE name = 'endless'")" 'timeout|broken off' &&
        stop job1 && stop job2 && stop job3
}

is_told_of_jobs() {
    [ "$(value "SELECT string_agg(last_status, ' ' ORDER BY name) FROM laurel.jobs WHERE last_finished_at IS NOT NULL")" = "failed failed succeeded" ]
}

retention_is_a_verb() {
    sql -c "INSERT INTO laurel.notifications (user_id, type, title, is_read, read_at) SELECT id, 'old', 'x', true, now() - interval '91 days' FROM laurel.users LIMIT 10"
    exits_with 0 "$program" retention --dry-run && says 'notifications_read +notifications +delete +10 ' &&
        is "$(value "SELECT count(*) FROM laurel.notifications WHERE type = 'old'")" 10 &&
        exits_with 0 "$program" retention && is "$(value "SELECT count(*) FROM laurel.notifications WHERE type = 'old'")" 0
}

status_is_a_verb() {
    exits_with 0 "$program" status && says '^webhook +[0-9]+' && says '^broken .*division by zero'
}

find_server
prepare
http_port=$((20000 + RANDOM % 10000))
settings=(LAUREL_WEBHOOK_ALLOW=127.0.0.0/8 LAUREL_WEBHOOK_ALLOW_HTTP=true LAUREL_LEASE=4s LAUREL_POLL=500ms
    LAUREL_STATEMENT_TIMEOUT=2s)
sql -c "INSERT INTO laurel.users (email) SELECT 'u' || n || '@example.org' FROM generate_series(1, 2000) n" \
    -c 'CREATE ROLE clerk LOGIN IN ROLE service_role' -c 'CREATE ROLE nobody LOGIN' -c 'GRANT USAGE ON SCHEMA laurel TO nobody'
peer http http_peer.py --
for pair in quick=/ok slow=/slow/0.05 fast=/ok hanging=/hang; do
    endpoint "http://127.0.0.1:$(port http)${pair#*=}" "${pair%%=*}" >/dev/null
done
sql -c 'UPDATE laurel.webhook_endpoints SET max_concurrency = 20'

check "an insert wakes an idle worker" insert_wakes_idle_worker
check "polling alone suffices" polling_alone_suffices
check "SIGKILL loses nothing" sigkill_loses_nothing
check "SIGKILL again and again loses nothing" repeated_sigkill_loses_nothing
check "by default a killed worker's deliveries arrive within 30 s" recovers_by_default_within_half_a_minute
check "terminated connections lose and repeat nothing" terminated_connections_lose_nothing
check "a crash of the server loses and repeats nothing" server_restart_loses_nothing
check "lost answers to COMMIT lose and repeat nothing" lost_commit_answers_lose_and_repeat_nothing
check "two workers share a queue" workers_share 2
check "eight workers share a queue" workers_share 8
check "SIGTERM ends what is under way and gives back the rest" sigterm_ends_what_is_under_way
check "SIGTERM does not wait for a hanging peer" sigterm_does_not_wait_for_a_hanging_peer
check "SIGTERM does not wait for a frozen server" sigterm_does_not_wait_for_a_frozen_server
check "a second SIGTERM stops at once" second_sigterm_stops_at_once
check "a worker that slept past its lease disturbs nobody" sleeper_does_not_disturb_its_heir
check "a full pool is waited for" full_pool_is_waited_for
check "a hanging peer does not hold up others" hanging_peer_does_not_hold_up_others
check "wrong configuration is told" bad_configuration_is_told
check "an unfit database is told" unfit_database_is_told
check ".env.example is complete" example_file_is_complete
check "the port serves its own machine alone" port_serves_its_own_machine
check "health, readiness and metrics are told" health_is_told
check "the service manager is told" service_manager_is_told
check "SIGHUP reads the log level anew" log_level_is_read_anew
check "jobs run once, fail visibly and hold nothing up" jobs_run_once_and_hold_nothing_up
check "retention is a verb" retention_is_a_verb
check "status is a verb" status_is_a_verb
tally "$passed" "$failed"
