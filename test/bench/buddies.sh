# shellcheck shell=bash
# Sourced by run.sh: newcomers matched with buddies. The peer scores in SQL and takes the best pair that is left.

buddies_database=laurel_bench_buddies
buddies_newcomers=$(scaled 2000 200)
buddies_offers=$(scaled 500 50)
buddies_row="matching $(grouped "$buddies_newcomers") newcomers, $(grouped "$buddies_offers") buddies"

# Prints the milliseconds of the processor that a statement takes, which is undone again, and what it gives: buddies_clock STATEMENT
buddies_clock() {
    printf '%s\n' 'BEGIN;' \
        "SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1) AS began \\gset" \
        "$1 \\gset" \
        "SELECT round((split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric - :began) / 1000000, 3) || ' ' || :score || ' ' || :matched;" \
        'ROLLBACK;' | sql -d "$buddies_database"
}

measure_buddies() {
    local contender statement time score matched
    wanted "$buddies_row" || return 0
    make_database "$buddies_database" $((buddies_newcomers + buddies_offers))
    sql -d "$buddies_database" -v offers="$buddies_offers" -v organization="$organization" -f "$bench/sql/buddies.sql" >/dev/null
    for _ in $(rounds 3); do
        for contender in laurel greedy; do
            statement="SELECT sum(score) AS score, count(score) AS matched FROM laurel.match_buddies('$organization')"
            [ "$contender" = laurel ] || statement='SELECT * FROM bench.match_greedily()'
            read -r time score matched < <(buddies_clock "$statement")
            keep "$buddies_row" "$contender" "$time"
            keep "$buddies_row, score" "$contender" "$score"
            keep "$buddies_row, matched" "$contender" "$matched"
        done
    done
    report "$buddies_row" ms time 1 match_buddies "$(least "$buddies_row" laurel)" limit 2000
    report "$buddies_row" ms faster 1 match_buddies "$(least "$buddies_row" laurel)" 'SQL, best pair first' "$(least "$buddies_row" greedy)"
    report "$buddies_row, score" points rate 1 match_buddies "$(least "$buddies_row, score" laurel)" 'best pair first' "$(least "$buddies_row, score" greedy)"
    report "$buddies_row, matched" points rate 1 match_buddies "$(least "$buddies_row, matched" laurel)" 'best pair first' "$(least "$buddies_row, matched" greedy)"
}
