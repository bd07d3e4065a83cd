# shellcheck shell=bash
# Sourced by run.sh: one member's rank among very many. The peer counts those ahead, as a view would.

ranks_database=laurel_bench_ranks
ranked_members=$(scaled 1000000 20000)
rank_row="rank among $(grouped "$ranked_members")"

# Members, accounts and points without the triggers that would make a million of them one by one.
prepare_ranks() {
    make_database "$ranks_database" 1
    sql -d "$ranks_database" -v members="$ranked_members" -f "$bench/sql/ranks.sql"
}

# Prints the middle and the slowest hundredth of a script's latencies in milliseconds: latencies SECONDS CLIENTS SCRIPT
latencies() {
    rm -f "$out"/ranks.*
    PGOPTIONS=$as_service throughput "$ranks_database" "$1" "$2" -D members="$ranked_members" -l --log-prefix="$out/ranks" -f "$3" >/dev/null
    cat "$out"/ranks.* | awk '{ print $3 / 1000 }' | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)], v[int(NR * 0.99) + (NR < 100)] }'
}

# Measures so many clients: measure_rank_with CLIENTS
measure_rank_with() {
    local contender middle slowest row="$rank_row, $1 clients"
    for _ in $(rounds 3); do
        for contender in laurel count; do
            read -r middle slowest < <(latencies "$(scaled 4)" "$1" "$bench/pgbench/rank_$contender.sql")
            keep "$row" "$contender" "$middle"
            keep "$row" "$contender at worst" "$slowest"
        done
    done
    report "$row, p50" ms faster - rank_of "$(least "$row" laurel)" 'count(*) + 1' "$(least "$row" count)"
    report "$row, p50" ms time 1 rank_of "$(least "$row" laurel)" 'at most' 2
    report "$row, p99" ms time 1 rank_of "$(least "$row" 'laurel at worst')" 'at most' 6
}

measure_ranks() {
    wanted "$rank_row" || return 0
    prepare_ranks
    measure_rank_with 1
    measure_rank_with 8
}
