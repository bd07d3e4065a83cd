#!/usr/bin/env bash
# PgBouncer in transaction mode, as docs/clients/operations.md sets it up: no identity leaks, programs run through it unchanged, and
# the worker looks for itself where it hears nothing; promtool reads the worker's metrics.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/clients/pages.sh
. "$root/test/clients/pages.sh"

pgbouncer=/usr/sbin/pgbouncer
worker=$root/build/worker/worker/laurel-worker
pool_port=54393
page_port=$((20000 + RANDOM % 10000))
worker_pid=

# From this version on it keeps prepared statements apart.
prepares() {
    local version
    version=$("$pgbouncer" --version | sed -nE '1s/^PgBouncer ([0-9.]+).*/\1/p')
    [ "$(printf '%s\n' 1.21 "$version" | sort -V | head -n 1)" = 1.21 ]
}

# The first block of the page, with the server of this test behind it and two connections only.
settings() {
    blocks docs/clients/operations.md ini | sed -n '1,/^\[global\]/p' | sed -e '/^\[global\]/d' -e "s|host=[^ ]* port=[0-9]*|host=$server port=$PGPORT|" \
        -e 's/^default_pool_size = .*/default_pool_size = 2/'
    ! prepares || echo 'max_prepared_statements = 200'
    printf '%s\n' "unix_socket_dir = $server" "pidfile = $server/pool.pid" "listen_port = $pool_port" 'auth_type = trust' "auth_file = $server/users" \
        'ignore_startup_parameters = extra_float_digits,options'
}

start_pool() {
    settings | as_server_user tee "$server/pgbouncer.ini" >/dev/null
    printf '"%s" ""\n' laurel_app postgres | as_server_user tee "$server/users" >/dev/null
    as_server_user "$pgbouncer" -q "$server/pgbouncer.ini" </dev/null >/dev/null 2>&1 &
    disown
}

start_worker() {
    env DATABASE_URL="${DATABASE_URL/laurel_app/postgres}" LAUREL_HTTP_PORT=$page_port LAUREL_POLL=200ms "$worker" run >"$out/worker.log" 2>&1 </dev/null &
    worker_pid=$!
    disown
}

# The pool says itself who it is: runuser stands between.
stop_all() {
    [ -z "$worker_pid" ] || kill "$worker_pid" 2>/dev/null || true
    kill "$(as_server_user cat "$server/pool.pid" 2>/dev/null)" 2>/dev/null || true
    stop_servers
}

within() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || {
            echo "did not happen in time: $*"
            return 1
        }
        sleep 0.1
    done
}

metric() {
    curl -s http://127.0.0.1:$page_port/metrics | grep -qx "$1"
}

polls() {
    within 12 grep -q 'LISTEN hears nothing, as behind a transaction pooler; polling instead' "$out/worker.log" &&
        within 12 metric 'laurel_listen_connected 0'
}

# A push goes nowhere, so it ends at once, as a dead letter or without a recipient; that it was looked at is what counts.
looks_for_itself() {
    sql -o /dev/null -c "SELECT laurel.create_webhook_endpoint('http://127.0.0.1:9/', '{polled}', organization_id => organization_id, allow_insecure => true)
        FROM laurel.users WHERE email = 'ana@alder.example'" \
        -c "SELECT laurel.notify(id, 'polled', 'Title', channels => '{webhook}') FROM laurel.users WHERE email = 'ana@alder.example'" || return 1
    within 10 tried
}

tried() {
    [ "$(sql -c 'SELECT count(*) FROM laurel.notification_deliveries WHERE attempts > 0')" -gt 0 ]
}

# promtool says of every metric that is not as Prometheus would have it.
is_without_lint() {
    curl -s http://127.0.0.1:$page_port/metrics >"$out/metrics"
    grep -q '^laurel_' "$out/metrics" && promtool check metrics <"$out/metrics"
}

finds_lint() {
    ! printf '# TYPE laurel_things counter\nlaurel_things 1\n' | promtool check metrics
}

forget_worker_settings
find_server
scripts/build-worker.sh >/dev/null || fail "the worker does not build"
clients_server pgbouncer
trap stop_all EXIT
clients_database
start_pool
check 'PgBouncer starts with the settings of the page' within 10 psql -X -q -h "$server" -p "$pool_port" -c 'SELECT 1'
export DATABASE_URL=${DATABASE_URL/port=$PGPORT/port=$pool_port}
check 'nothing of a user is left for another' "$python" test/clients/pgbouncer.py "$(prepares && echo prepares || echo plain)"
check 'psycopg.md runs through it' prints_what_it_says psycopg python "$python"
check 'sqlalchemy.md' prints_what_it_says sqlalchemy python "$python"
start_worker
check 'the worker connects through it' within 10 curl -sf "http://127.0.0.1:$page_port/readyz"
check 'finds out that it hears nothing' polls
check 'and looks for itself' looks_for_itself
check 'promtool finds no fault with its metrics' is_without_lint
check 'though it would' finds_lint
tally "$passed" "$failed"
