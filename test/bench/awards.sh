# shellcheck shell=bash
# Sourced by run.sh: one award a transaction.

awards_database=laurel_bench_awards
award_row='single award'
busy_row='single award, not waiting for the disk'
hot_row='hot account, 8 clients'
lean_row='award beside the leanest statement'
awards_prepared=no

# Notes the latency of every contender from one pgbench, which picks one at random for each transaction, so that all of
# them meet the same disk: mixed_awards ROW SECONDS OPTIONS
mixed_awards() {
    local kind scripts=()
    for kind in insert function cte chain rowwise; do
        scripts+=(-f "$bench/pgbench/award_$kind.sql")
    done
    PGOPTIONS="$as_service $3" throughput "$awards_database" "$2" 1 -D accounts="$members" "${scripts[@]}" >/dev/null
    while read -r kind latency; do
        keep "$1" "$kind" "$(awk -v ms="$latency" 'BEGIN { printf "%.1f", 1000 / ms }')"
    done < <(sed -nE -e 's/^SQL script [0-9]+: .*award_([a-z]+)\.sql$/\1/p' -e 's/^ - latency average = ([0-9.]+) ms$/\1/p' "$out/pgbench" | paste - -)
}

# Reports one way of Laurel's against a peer: report_award ROW TARGET WAY CONTENDER NAME
report_award() {
    local mine theirs
    read -r mine theirs < <(middle "$1" "$3" "$4")
    report "$1" tx/s rate "$2" "$3" "$mine" "$5" "$theirs"
}

report_awards() {
    report_award "$1" "$2" insert cte CTE
    report_award "$1" - insert chain 'CTE with hash chain'
    report_award "$1" - insert rowwise 'PL/pgSQL trigger'
    report_award "$1" - function cte CTE
}

measure_single() {
    for _ in $(rounds 4); do
        mixed_awards "$award_row" "$(scaled 8)" ''
        mixed_awards "$busy_row" "$(scaled 3)" '-c synchronous_commit=off'
    done
    report_awards "$award_row" 0.9
    report_awards "$busy_row" -
}

measure_hot() {
    local kind
    for _ in $(rounds 5); do
        for kind in insert cte rowwise; do
            keep "$hot_row" "$kind" "$(PGOPTIONS="$as_service" throughput "$awards_database" "$(scaled 3)" 8 \
                -D accounts=1 -f "$bench/pgbench/award_$kind.sql")"
        done
    done
    report_award "$hot_row" 0.9 insert cte CTE
    report_award "$hot_row" - insert rowwise 'PL/pgSQL trigger'
}

# Measures one setting of the disk and so many clients, one contender after the other: measure_lean_with ROW CLIENTS OPTIONS TARGET
measure_lean_with() {
    local kind
    for _ in $(rounds 3); do
        for kind in insert lean keyed; do
            keep "$1" "$kind" "$(PGOPTIONS="$as_service $3" throughput "$awards_database" "$(scaled 4)" "$2" -D accounts="$members" -f "$bench/pgbench/award_$kind.sql")"
        done
    done
    report_award "$1" "$4" insert lean 'CTE, key, 3 indexes'
    report_award "$1" - keyed lean 'CTE, key, 3 indexes'
}

measure_lean() {
    local clients
    for clients in 1 4 8; do
        measure_lean_with "$lean_row, $clients clients" "$clients" '' 0.8
        measure_lean_with "$lean_row, $clients clients, not waiting" "$clients" '-c synchronous_commit=off' 0.65
    done
}

# Makes the database of the awards and leaderboards, once.
prepare_awards() {
    [ "$awards_prepared" = no ] || return 0
    prepare_untouched
    copy_untouched "$awards_database"
    awards_prepared=yes
}

measure_awards() {
    if wanted "$award_row" "$busy_row"; then
        prepare_awards
        measure_single
    fi
    if wanted "$hot_row"; then
        prepare_awards
        measure_hot
    fi
    if wanted "$lean_row"; then
        prepare_awards
        measure_lean
    fi
}
