# shellcheck shell=bash
# Sourced by run.sh: the domain kit. Costs of row triggers are what a statement takes beyond the bare table, by the clock of
# the processor, in many short rounds.

guards_database=laurel_bench_guards
guards_rows=$(scaled 50000 2000)
guards_crews=$(scaled 20000 500)
guards_slice=$(scaled 3000 1000)

# Prints the statement that a guard is measured by: guards_statement GUARD SCHEMA
guards_statement() {
    local given='' named=''
    [ "$2" != bare ] || given=', organization_id' named=', started_at = now()'
    case $1 in
    keep) echo "UPDATE $2.facts SET note = 'x' WHERE id <= $guards_slice" ;;
    states) echo "UPDATE $2.tasks SET status = 'active'$named WHERE id <= $guards_slice" ;;
    belongs) echo "INSERT INTO $2.links (crew_id$given) SELECT id$given FROM $2.crews LIMIT $guards_slice" ;;
    counts) echo "INSERT INTO $2.members (crew_id, organization_id) SELECT id, organization_id" \
        "FROM (SELECT * FROM $2.crews LIMIT 100) c, generate_series(1, $guards_slice / 100)" ;;
    quota) echo "INSERT INTO $2.gifts (organization_id, crew_id, points) SELECT organization_id, id, 5" \
        "FROM (SELECT * FROM $2.crews ORDER BY id LIMIT 100) c, generate_series(1, $guards_slice / 100)" ;;
    esac
}

# Writes so many rounds of all three, each undone again; a round prints the processor's microseconds a row.
guards_rounds() {
    local round schema
    for round in $(rounds 60); do
        [ $((round % 10)) -ne 1 ] || echo 'VACUUM;'
        for schema in kit bare rowwise; do
            printf '%s\n' 'BEGIN;' \
                "SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1) AS began \\gset" \
                "$(guards_statement "$1" "$schema");" \
                "SELECT '$schema ' || round((split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric - :began) / 1000 / $guards_slice, 3);" \
                'ROLLBACK;'
        done
    done
}

# Prints what a contender takes beyond the bare table for a thousand rows, in milliseconds.
guards_beyond() {
    awk -v mine="$(least "$1" "$2")" -v bare="$(least "$1" bare)" 'BEGIN { d = mine - bare; printf "%.3f", (d > 0.001 ? d : 0.001) }'
}

# measure_guard GUARD ROW TARGET, where TARGET is how much faster than PL/pgSQL.
measure_guard() {
    local schema value
    while read -r schema value; do
        printf '%s\t%s\t%s\n' "$2" "$schema" "$value" >>"$out/samples.tsv"
    done < <(guards_rounds "$1" | sql -d "$guards_database")
    report "$2" ms time 1 'beyond bare' "$(guards_beyond "$2" kit)" 'limit' 2
    report "$2" ms faster "$3" 'beyond bare' "$(guards_beyond "$2" kit)" 'PL/pgSQL trigger' "$(guards_beyond "$2" rowwise)"
}

# Prints transactions a second of eight clients that add members: hot_counts SCHEMA CREWS OPTIONS
hot_counts() {
    PGOPTIONS="-c client_min_messages=warning $3" throughput "$guards_database" "$(scaled 4)" 8 \
        -D "crews=$2" -f "$bench/pgbench/count_$1.sql"
}

# Eight clients that raise one parent's counter beside as many that raise different ones: measure_hot_count ROW TARGET OPTIONS
measure_hot_count() {
    for _ in $(rounds 5); do
        keep "$1" one "$(hot_counts kit 1 "$3")"
        keep "$1" different "$(hot_counts kit "$guards_crews" "$3")"
        keep "$1" rowwise "$(hot_counts rowwise 1 "$3")"
    done
    report_award "$1" "$2" one different 'different parents'
    report_award "$1" - one rowwise 'PL/pgSQL trigger'
}

measure_guards() {
    local keep_row="keep, 1,000 rows" states_row="states, 1,000 steps" belongs_row="belongs, 1,000 rows and parents"
    local counts_row="counts, 1,000 rows of 100 parents" quota_row="quota, 1,000 rows of 100 owners"
    local hot='one counter, 8 clients, not waiting for the disk' disk='one counter, 8 clients'
    wanted "$keep_row" "$states_row" "$belongs_row" "$counts_row" "$quota_row" "$hot" "$disk" || return 0
    make_database "$guards_database" 10
    sql -v rows="$guards_rows" -v crews="$guards_crews" -v organization="$organization" -f "$bench/sql/guards.sql" >/dev/null
    ! wanted "$keep_row" || measure_guard keep "$keep_row" 3
    ! wanted "$states_row" || measure_guard states "$states_row" 3
    ! wanted "$belongs_row" || measure_guard belongs "$belongs_row" 3
    ! wanted "$quota_row" || measure_guard quota "$quota_row" 3
    ! wanted "$counts_row" || measure_guard counts "$counts_row" -
    ! wanted "$hot" || measure_hot_count "$hot" 0.7 '-c synchronous_commit=off'
    ! wanted "$disk" || measure_hot_count "$disk" - ''
}
