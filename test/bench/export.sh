# shellcheck shell=bash
# Sourced by run.sh: all that is there about a member as one document. The peer writes the five parts of a document by hand.

export_database=laurel_bench_export
export_entries=$(scaled 100000 1000)
export_row="export of a member with $(grouped "$export_entries") rows"

# Prints the milliseconds of the processor that a statement takes: export_clock STATEMENT
export_clock() {
    printf '%s\n' "SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1) AS began \\gset" "$1 \\g /dev/null" \
        "SELECT round((split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric - :began) / 1000000, 3);" | sql -d "$export_database"
}

measure_export() {
    local contender statement
    wanted "$export_row" || return 0
    make_database "$export_database" 10
    sql -d "$export_database" -v entries="$export_entries" -f "$bench/sql/export.sql" >/dev/null
    for _ in $(rounds 3); do
        for contender in laurel hand; do
            statement="SELECT length(laurel.export_user(user_id)::text) FROM bench.exported"
            [ "$contender" = laurel ] || statement='SELECT length(bench.export_by_hand(user_id)::text) FROM bench.exported'
            keep "$export_row" "$contender" "$(export_clock "$statement")"
        done
    done
    report "$export_row" ms time 1 export_user "$(least "$export_row" laurel)" limit 2000
    report "$export_row" ms faster 1 export_user "$(least "$export_row" laurel)" 'jsonb_agg of five tables' "$(least "$export_row" hand)"
}
