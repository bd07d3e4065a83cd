# shellcheck shell=bash
# Sourced by run.sh: points that expire, what one member has that will, what an organization owes, and what a policy costs awards.

expiry_database=laurel_bench_expiry
expiry_accounts=$(scaled 100000 1000)
expiry_credits=$((10 * expiry_accounts))
expiry_row="points expire, $(grouped "$expiry_credits") credits of $(grouped "$expiry_accounts") accounts"
again_row="$expiry_row, a second time"
lots_row='expiring points of an account of 10,000 entries'
owed_row="points owed, $(grouped $((10 * expiry_credits))) entries"
policy_row='award where points expire'

# Prints the milliseconds that the job takes for the organization.
expiry_clock() {
    clock "$expiry_database" "CALL laurel.expire_points('$organization')"
}

measure_lots() {
    for _ in $(rounds 5); do
        keep "$lots_row" laurel "$(clock "$expiry_database" "SELECT count(*) FROM laurel.expiring_points(bench.member($expiry_accounts + 1))")"
    done
    report "$lots_row" ms time 1 expiring_points "$(least "$lots_row" laurel)" limit 10
}

# Awards with and without a policy, in turns.
measure_policy() {
    local with mine theirs
    for _ in $(rounds 5); do
        for with in without policy; do
            [ "$with" = policy ] || sql -d "$expiry_database" -c "CREATE TABLE bench.kept AS TABLE laurel.point_expiry_policies; DELETE FROM laurel.point_expiry_policies"
            keep "$policy_row" "$with" "$(PGOPTIONS="$as_service" throughput "$expiry_database" "$(scaled 6)" 1 -D accounts="$expiry_accounts" -f "$bench/pgbench/award_insert.sql")"
            [ "$with" = policy ] || sql -d "$expiry_database" -c "INSERT INTO laurel.point_expiry_policies SELECT * FROM bench.kept; DROP TABLE bench.kept"
        done
    done
    read -r mine theirs < <(middle "$policy_row" policy without)
    report "$policy_row" tx/s rate 0.9 'a policy' "$mine" 'no policy' "$theirs"
}

# Ten times as many entries, and what is owed for all of them; together they are the balances.
measure_owed() {
    local owed
    for _ in $(seq 9); do
        sql -d "$expiry_database" -c "INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
            SELECT '$organization', bench.member(1 + (n::bigint * 7919) % $expiry_accounts), CASE WHEN n % 10 = 0 THEN -1 ELSE 1 + n % 19 END, 'module_completed', 'finished a module'
            FROM generate_series(1, $expiry_credits) n"
    done
    sql -d "$expiry_database" -c 'VACUUM ANALYZE laurel.points_ledger'
    for _ in $(rounds 3); do
        keep "$owed_row" laurel "$(clock "$expiry_database" "SELECT * FROM laurel.points_liability(organization_id => '$organization')")"
    done
    owed=$(sql -d "$expiry_database" -c "SELECT (SELECT sum(points) FROM laurel.points_liability(organization_id => '$organization')) = (SELECT sum(total_points) FROM laurel.user_points)")
    [ "$owed" = t ] || fail "$owed_row: the report is not what the balances add up to"
    report "$owed_row" ms time 1 points_liability "$(least "$owed_row" laurel)" limit 10000
}

measure_expiry() {
    wanted "$expiry_row" "$again_row" "$lots_row" "$owed_row" "$policy_row" || return 0
    make_database "$expiry_database" $((expiry_accounts + 1))
    sql -d "$expiry_database" -v accounts="$expiry_accounts" -v organization="$organization" -f "$bench/sql/expiry.sql"
    keep "$expiry_row" laurel "$(expiry_clock)"
    report "$expiry_row" ms time 1 expire_points "$(least "$expiry_row" laurel)" limit 60000
    keep "$again_row" laurel "$(expiry_clock)"
    report "$again_row" ms time 1 expire_points "$(least "$again_row" laurel)" limit 60000
    measure_lots
    measure_policy
    measure_owed
}
