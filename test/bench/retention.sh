# shellcheck shell=bash
# Sourced by run.sh: rows that are past their time.

retention_database=laurel_bench_retention
retention_rows=$(scaled 1000000 10000)
delete_row="retention deletes $(grouped $((retention_rows / 2))) of $(grouped "$retention_rows")"
drop_row="retention drops a month of $(grouped "$retention_rows") rows"

refill() {
    sql -d "$retention_database" -v rows="$retention_rows" -f "$bench/sql/retention.sql"
}

# Prints the milliseconds of a contender: delete_with laurel | SIZE of the peer's batches
delete_with() {
    local statement="CALL laurel.bench_by_ctid($1)"
    [ "$1" != laurel ] || statement="CALL laurel.run_retention(false, 'bench_rows')"
    clock "$retention_database" "$statement"
}

# Both must have left the same rows behind.
check_left() {
    local same
    same=$(sql -d "$retention_database" -c "SELECT (SELECT count(*) FROM laurel.bench_rows) = (SELECT count(*) FROM laurel.bench_peer)
        OR (SELECT count(*) FROM laurel.bench_rows) * 2 NOT BETWEEN $retention_rows * 0.9 AND $retention_rows * 1.1")
    [ "$same" = t ] || fail "$delete_row: different rows are left"
}

measure_delete() {
    local round size best
    for round in $(rounds 3); do
        for size in 5000 10000 20000; do
            refill
            keep "$delete_row" "ctid-$size" "$(delete_with "$size")"
        done
        refill
        keep "$delete_row" laurel "$(delete_with laurel)"
        delete_with 20000 >/dev/null
        check_left
    done
    best=$(for size in 5000 10000 20000; do least "$delete_row" "ctid-$size"; done | sort -g | head -n 1)
    report "$delete_row" ms faster 0.9 run_retention "$(least "$delete_row" laurel)" "best ctid batches" "$best"
}

# The month of one row goes first, then the one of all the others, then the same rows by DROP TABLE: what is slower there is
# the file system, which takes its time to free what is large.
measure_drop() {
    local round
    for round in $(rounds 3); do
        refill
        keep "$drop_row" one "$(clock "$retention_database" "CALL laurel.run_retention(false, 'bench_months')")"
        sql -d "$retention_database" -c "UPDATE laurel.retention_policies SET keep = '9 months' WHERE name = 'bench_months'"
        keep "$drop_row" all "$(clock "$retention_database" "CALL laurel.run_retention(false, 'bench_months')")"
        keep "$drop_row" peer "$(clock "$retention_database" "DROP TABLE laurel.bench_month_peer_all")"
    done
    report "$drop_row" ms time - run_retention "$(least "$drop_row" all)" "a month of one row" "$(least "$drop_row" one)"
    report "$drop_row" ms time 1.5 run_retention "$(least "$drop_row" all)" "DROP TABLE" "$(least "$drop_row" peer)"
}

measure_retention() {
    wanted "$delete_row" "$drop_row" || return 0
    make_database "$retention_database" "$(scaled 1000 10)"
    ! wanted "$delete_row" || measure_delete
    ! wanted "$drop_row" || measure_drop
}
