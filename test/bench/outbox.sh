# shellcheck shell=bash
# Sourced by run.sh: the outbox and the worker.

outbox_database=laurel_bench_outbox
outbox_size=$(scaled 100000 20000) # batches enough to tell a fifth
drain_row="claim and complete $(grouped "$outbox_size"), no-op"
flat_row="$drain_row: the last fifth"
held_row="$drain_row: a snapshot held for a minute"
latency_row='insert to webhook, idle'
flood_row="next notice, another floods with $(grouped "$outbox_size")"
hang_row="next notice, another's $(grouped "$outbox_size") hang"
worker_program=$root/build/worker/worker/laurel-worker
quick=(LAUREL_NOOP=true LAUREL_CHANNELS=email LAUREL_BATCH=1000 LAUREL_IN_FLIGHT=2000 LAUREL_JOBS=false)

# Fills the queue with e-mails; what was there is gone, and the tables are as after an autovacuum.
fill_outbox() {
    sql -o /dev/null -v size="$outbox_size" -f "$bench/sql/outbox.sql"
}

left_in_outbox() {
    sql -c 'SELECT count(*) FROM laurel.notification_deliveries'
}

# Lets so many workers work the queue off and prints deliveries per second, from when the first is ready to begin until
# the last has ended.
drain_outbox() {
    local number
    for ((number = 0; number < $1; number++)); do
        env "${quick[@]}" "$worker_program" run --once 2>"$out/worker.$number" &
    done
    wait
    [ "$(left_in_outbox)" = 0 ] || fail "$drain_row: $(left_in_outbox) are left: $(tail -n 1 "$out/worker.0")"
    cat "$out"/worker.[0-9] | sed -nE 's/.* ([0-9]+):([0-9]+):([0-9.]+) info: (laurel-worker .* begins|stopped).*/\1 \2 \3 \4/p' |
        awk -v rows="$outbox_size" '{ at = ($1 * 60 + $2) * 60 + $3 } $4 != "stopped" && (!began || at < began) { began = at }
            $4 == "stopped" && at > ended { ended = at }
            END { if (ended < began) ended += 86400; printf "%.0f\n", rows / (ended - began) }'
    rm "$out"/worker.[0-9]
}

# The same for graphile-worker, from when a process is ready to begin until the last ends.
drain_graphile() {
    local number
    sql -o /dev/null -v size="$outbox_size" -f "$bench/sql/graphile.sql"
    for ((number = 0; number < $1; number++)); do
        NO_LOG_SUCCESS=1 node "$out/graphile/graphile.mjs" "$address" >"$out/graphile.$number" 2>>"$out/graphile.log" &
    done
    wait
    cat "$out"/graphile.[0-9] | awk -v rows="$outbox_size" '
        { jobs += $1; if (!began || $2 < began) began = $2; if ($3 > ended) ended = $3 }
        END { if (jobs != rows) exit 1; printf "%.0f\n", rows * 1000 / (ended - began) }' ||
        fail "$drain_row: graphile-worker did not do all jobs: $(tail -n 1 "$out/graphile.log")"
    rm "$out"/graphile.[0-9]
}

prepare_graphile() {
    command -v npm >/dev/null || fail "$drain_row: npm, which installs the peer, is missing: run make deps"
    mkdir -p "$out/graphile"
    cp "$bench"/outbox/{package.json,package-lock.json,graphile.mjs} "$out/graphile"
    npm ci --prefix "$out/graphile" --no-audit --no-fund >"$out/npm.log" 2>&1 || fail "npm ci: $(tail -n 3 "$out/npm.log")"
    node "$out/graphile/graphile.mjs" "$address" migrate
}

# Prints the deliveries per second of the first and of the last fifth of what was worked off last.
fifths() {
    sql -F ' ' -c "WITH told AS (
            SELECT finished_at, sum(delivered) OVER (ORDER BY finished_at, id) AS so_far FROM laurel.delivery_batches),
        marks AS (
            SELECT extract(epoch FROM min(finished_at)) AS began, min(so_far) AS first,
                extract(epoch FROM min(finished_at) FILTER (WHERE so_far >= $outbox_size * 0.2)) AS fifth,
                min(so_far) FILTER (WHERE so_far >= $outbox_size * 0.2) AS at_fifth,
                extract(epoch FROM min(finished_at) FILTER (WHERE so_far >= $outbox_size * 0.8)) AS fourth,
                min(so_far) FILTER (WHERE so_far >= $outbox_size * 0.8) AS at_fourth,
                extract(epoch FROM max(finished_at)) AS ended, max(so_far) AS last
            FROM told)
        SELECT round((at_fifth - first) / (fifth - began)), round((last - at_fourth) / (ended - fourth)) FROM marks"
}

# Notes the best rate of a round of both contenders, each with 1, 2 and 4 processes.
measure_round() {
    local count first last mine=() theirs=()
    for count in 1 2 4; do
        fill_outbox
        mine+=("$(drain_outbox "$count")")
        [ "$count" = 1 ] || continue
        read -r first last < <(fifths)
        keep "$flat_row" first "$first"
        keep "$flat_row" last "$last"
    done
    for count in 1 2 4; do
        theirs+=("$(drain_graphile "$count")")
    done
    keep "$drain_row" laurel "$(printf '%s\n' "${mine[@]}" | sort -g | tail -n 1)"
    keep "$drain_row" graphile "$(printf '%s\n' "${theirs[@]}" | sort -g | tail -n 1)"
}

measure_drain() {
    local mine theirs first last
    prepare_graphile
    for _ in $(rounds 3); do
        measure_round
    done
    read -r mine theirs < <(middle "$drain_row" laurel graphile)
    report "$drain_row" /s rate 1 worker "$mine" 'at least' 50000
    report "$drain_row" /s rate 1.5 worker "$mine" graphile-worker "$theirs"
    read -r last first < <(middle "$flat_row" last first)
    report "$flat_row" /s rate 0.8 'last fifth' "$last" 'first fifth' "$first"
}

# Starts a worker that serves on, with settings that are given: serve VARIABLE=value... Leaves its pid in $served.
serve() {
    env LAUREL_HTTP_PORT=0 "$@" "$worker_program" run >>"$out/worker.log" 2>&1 &
    served=$!
}

dismiss() {
    kill "$served" && wait "$served"
}

await_empty_outbox() {
    until [ "$(left_in_outbox)" = 0 ]; do
        sleep 0.2
    done
}

# Queues as many again and prints deliveries per second, once the worker that serves has worked them off.
refill_outbox() {
    local mark
    mark=$(sql -c 'SELECT clock_timestamp()')
    sql -o /dev/null -v size="$outbox_size" -f "$bench/sql/outbox-more.sql"
    await_empty_outbox
    sql -c "SELECT round((sum(delivered) - (array_agg(delivered ORDER BY finished_at))[1])
            / extract(epoch FROM max(finished_at) - min(finished_at)))
        FROM laurel.delivery_batches WHERE finished_at > '$mark'"
}

# Queues are worked off one after the other while a snapshot keeps every dead row; the last against the first.
measure_held() {
    local ends holder served
    fill_outbox
    serve "${quick[@]}"
    await_empty_outbox
    psql -X -q -o /dev/null -c 'BEGIN ISOLATION LEVEL REPEATABLE READ' -c 'SELECT count(*) FROM laurel.notification_deliveries' \
        -c "SELECT pg_sleep($(scaled 60 2))" &
    holder=$!
    ends=$((SECONDS + $(scaled 60 2)))
    until [ "$SECONDS" -ge "$ends" ]; do
        keep "$held_row" rate "$(refill_outbox)"
    done
    wait "$holder"
    dismiss
    report "$held_row" /s rate 0.8 'the last time' "$(samples "$held_row" rate | tail -n 1)" 'the first time' "$(samples "$held_row" rate | head -n 1)"
}

# Prints a percentile of the lines of a file, nearest rank.
percentile() {
    sort -g "$2" | awk -v share="$1" '{ line[NR] = $1 } END { rank = int(NR * share); print line[rank < NR * share ? rank + 1 : rank] }'
}

measure_latency() {
    local served
    serve LAUREL_CHANNELS=webhook LAUREL_WEBHOOK_ALLOW=127.0.0.0/8 LAUREL_WEBHOOK_ALLOW_HTTP=true LAUREL_JOBS=false
    if ! python3 "$bench/outbox/latency.py" "$address" "$(scaled 1000 20)" >"$out/latency"; then
        dismiss
        fail "$latency_row: $(tail -n 1 "$out/worker.log")"
    fi
    dismiss
    keep "$latency_row" p50 "$(percentile 0.5 "$out/latency")"
    keep "$latency_row" p99 "$(percentile 0.99 "$out/latency")"
    report "$latency_row: median" ms time 1 worker "$(least "$latency_row" p50)" 'at most' 2
    report "$latency_row: 99 of 100" ms time 1 worker "$(least "$latency_row" p99)" 'at most' 10
}

# The slowest of twenty notices of an organization while another's webhooks wait: measure_trouble ROW flood|hang
measure_trouble() {
    local served
    sql -o /dev/null -c 'TRUNCATE laurel.notification_deliveries, laurel.delivery_leases'
    serve LAUREL_CHANNELS=webhook LAUREL_WEBHOOK_ALLOW=127.0.0.0/8 LAUREL_WEBHOOK_ALLOW_HTTP=true LAUREL_JOBS=false \
        LAUREL_SHUTDOWN_GRACE=0s
    if ! python3 "$bench/outbox/latency.py" "$address" 20 "$2" "$outbox_size" >"$out/latency"; then
        dismiss
        fail "$1: $(tail -n 1 "$out/worker.log")"
    fi
    [ "$(left_in_outbox)" -gt 0 ] || fail "$1: the flood was over before the last notice"
    dismiss
    keep "$1" slowest "$(percentile 1 "$out/latency")"
    report "$1" ms time 1 'worker, slowest' "$(samples "$1" slowest)" 'at most' 2000
}

measure_outbox() {
    local address
    wanted "$drain_row" "$held_row" "$latency_row" "$flood_row" "$hang_row" || return 0
    scripts/build-worker.sh
    make_database "$outbox_database" 2000
    address=$(scripts/cluster.sh uri "$outbox_database")
    ! wanted "$latency_row" || measure_latency
    ! wanted "$drain_row" || measure_drain
    ! wanted "$held_row" || measure_held
    ! wanted "$flood_row" || measure_trouble "$flood_row" flood
    ! wanted "$hang_row" || measure_trouble "$hang_row" hang
}
