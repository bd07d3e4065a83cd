# shellcheck shell=bash
# Sourced by run.sh: rows that tell members something.

tell_database=laurel_bench_tell
tell_rows=$(scaled 100000 1000)
tell_row="tell $(grouped "$tell_rows") rows in one statement"
tell_single_row='tell a row, not waiting for the disk'

# Prints what a contender's rows have made.
told() {
    sql -d "$tell_database" -c "SELECT (SELECT count(*) FROM laurel.domain_events WHERE type = 'lesson_done'),
        (SELECT count(*) FROM laurel.notifications), (SELECT sum(amount) FROM laurel.points_ledger)"
}

# Measures one contender in a database of its own: tell_round CONTENDER
tell_round() {
    copy_untouched "$tell_database"
    sql -d "$tell_database" -f "$bench/sql/tell.sql" >/dev/null
    keep "$tell_row" "$1" "$(PGOPTIONS="$as_service" clock "$tell_database" "INSERT INTO telling.$1 (organization_id, user_id, lesson_id)
        SELECT '$organization', bench.member(1 + (n * 7919) % $members), lessons[1 + n % 100]
        FROM generate_series(1, $tell_rows) n, (SELECT array_agg(id ORDER BY name) AS lessons FROM telling.lessons) l")"
    told >"$out/$1.told"
}

measure_many_told() {
    local contender
    for _ in $(rounds 4); do
        for contender in told written; do
            tell_round "$contender"
        done
        cmp -s "$out/told.told" "$out/written.told" || fail "$tell_row: $(cat "$out/told.told") and $(cat "$out/written.told")"
    done
    report "$tell_row" ms time 1.1 laurel "$(least "$tell_row" told)" "three INSERTs" "$(least "$tell_row" written)"
}

measure_one_told() {
    local contender mine theirs
    copy_untouched "$tell_database"
    sql -d "$tell_database" -f "$bench/sql/tell.sql" >/dev/null
    for contender in told written; do
        printf '%s\n' "\\set member random(1, $members)" "INSERT INTO telling.$contender (organization_id, user_id, lesson_id)
            SELECT '$organization', bench.member(:member), (SELECT id FROM telling.lessons LIMIT 1);" >"$out/$contender.pgbench"
    done
    for _ in $(rounds 5); do
        for contender in told written; do
            keep "$tell_single_row" "$contender" "$(PGOPTIONS="$as_service -c synchronous_commit=off" throughput "$tell_database" "$(scaled 3)" 1 \
                -f "$out/$contender.pgbench")"
        done
    done
    read -r mine theirs < <(middle "$tell_single_row" told written)
    report "$tell_single_row" tx/s rate 0.9 laurel "$mine" "three INSERTs" "$theirs"
}

measure_guards_tell() {
    wanted "$tell_row" "$tell_single_row" || return 0
    prepare_untouched
    ! wanted "$tell_row" || measure_many_told
    ! wanted "$tell_single_row" || measure_one_told
}
