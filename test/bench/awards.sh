# shellcheck shell=bash
# Sourced by run.sh: one award a transaction.

awards_database=laurel_bench
award_row='single award'
function_row='single award by function'
busy_row='single award, not waiting for the disk'
hot_row='hot account, 8 clients'

# Notes the latency of every contender from one pgbench, which picks one at random for each transaction, so that all of
# them meet the same disk: mixed_awards ROW SECONDS OPTIONS
mixed_awards() {
    local kind scripts=()
    for kind in insert function cte chain rowwise; do
        scripts+=(-f "$bench/pgbench/award_$kind.sql")
    done
    PGOPTIONS="-c role=service_role $3" throughput "$awards_database" "$2" 1 -D accounts="$members" "${scripts[@]}" >/dev/null
    while read -r kind latency; do
        keep "$1" "$kind" "$(awk -v ms="$latency" 'BEGIN { printf "%.1f", 1000 / ms }')"
    done < <(sed -nE -e 's/^SQL script [0-9]+: .*award_([a-z]+)\.sql$/\1/p' -e 's/^ - latency average = ([0-9.]+) ms$/\1/p' "$out/pgbench" | paste - -)
}

# Reports Laurel's two ways against the peers: report_awards ROW TARGET
report_awards() {
    report "$1" tx/s rate "$2" insert "$(median "$1" insert)" CTE "$(median "$1" cte)"
    report "$1" tx/s rate - insert "$(median "$1" insert)" "CTE with hash chain" "$(median "$1" chain)"
    report "$1" tx/s rate - insert "$(median "$1" insert)" "PL/pgSQL trigger" "$(median "$1" rowwise)"
    report "$1" tx/s rate - function "$(median "$1" function)" CTE "$(median "$1" cte)"
}

measure_single() {
    local round
    for round in $(rounds 5); do
        mixed_awards "$award_row" "$(scaled 10)" ''
        mixed_awards "$busy_row" "$(scaled 3)" '-c synchronous_commit=off'
    done
    report_awards "$award_row" 0.9
    report_awards "$busy_row" -
}

measure_hot() {
    local round kind
    for round in $(rounds 5); do
        for kind in insert cte rowwise; do
            keep "$hot_row" "$kind" "$(PGOPTIONS='-c role=service_role' throughput "$awards_database" "$(scaled 3)" 8 \
                -D accounts=1 -f "$bench/pgbench/award_$kind.sql")"
        done
    done
    report "$hot_row" tx/s rate 0.9 insert "$(median "$hot_row" insert)" CTE "$(median "$hot_row" cte)"
    report "$hot_row" tx/s rate - insert "$(median "$hot_row" insert)" "PL/pgSQL trigger" "$(median "$hot_row" rowwise)"
}

measure_awards() {
    if wanted "$award_row" "$busy_row"; then
        prepare_ledger
        measure_single
    fi
    if wanted "$hot_row"; then
        prepare_ledger
        measure_hot
    fi
}
