# shellcheck shell=bash
# Sourced by run.sh: the ledger verified, as a whole and since a seal, and sealed.

ledger_database=laurel_bench_ledger
ledger_accounts=$(scaled 50000 500)
ledger_million=$(scaled 1000000 20000)
ledger_young=$(scaled 10000 200)
verify_row="verify $(grouped "$ledger_million") entries"
growth_row="verify $(grouped "$((5 * ledger_million))") entries, per million"
since_row="verify $(grouped "$ledger_young") entries behind $(grouped "$ledger_million")"
seal_row="seal $(grouped "$ledger_young") entries behind $(grouped "$ledger_million")"
burden_row="award while seals are made"

# Adds so many entries in an order that is no account's: add_entries COUNT SALT
add_entries() {
    sql -d "$ledger_database" -c "INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
        SELECT '$organization', bench.member(1 + (n::bigint * 7919 + $2) % $ledger_accounts), 1 + n % 19, 'module_completed', 'finished a module'
        FROM generate_series(1, $1) n"
}

# Prints the milliseconds that verifying takes, and fails where anything is found: verify_clock ARGUMENTS
verify_clock() {
    clock "$ledger_database" "DO \$\$ BEGIN ASSERT (SELECT count(*) FROM laurel.verify_ledger($1)) = 0; END \$\$"
}

newest_seal() {
    sql -d "$ledger_database" -c 'SELECT seal_hash FROM laurel.ledger_seal()'
}

measure_since() {
    local kept
    sql -d "$ledger_database" -o /dev/null -c 'SELECT laurel.seal_ledger()'
    kept=$(newest_seal)
    add_entries "$ledger_young" 77
    for _ in $(rounds 5); do
        keep "$since_row" laurel "$(verify_clock "since => '$kept'")"
    done
    report "$since_row" ms time 1 laurel "$(least "$since_row" laurel)" 'at most' 500
    keep "$seal_row" laurel "$(clock "$ledger_database" 'SELECT laurel.seal_ledger()')"
    report "$seal_row" ms time 1 laurel "$(least "$seal_row" laurel)" 'at most' 500
}

# Awards of eight clients, with seals made one after the other and without, in turns.
measure_burden() {
    local round with sealing
    for round in $(rounds 5); do
        for with in without seals; do
            sealing=
            if [ "$with" = seals ]; then
                pgbench -n -T "$(scaled 8)" -c 1 -R 1 -f "$bench/pgbench/seal.sql" "$ledger_database" >/dev/null 2>&1 &
                sealing=$!
            fi
            keep "$burden_row" "$with" "$(PGOPTIONS=$as_service throughput "$ledger_database" "$(scaled 6)" 8 \
                -D accounts="$ledger_accounts" -f "$bench/pgbench/award_insert.sql")"
            [ -z "$sealing" ] || wait "$sealing"
        done
    done
    read -r with sealing < <(middle "$burden_row" seals without)
    report "$burden_row" tx/s rate 0.8 'a seal a second' "$with" 'no seals' "$sealing"
}

measure_verify() {
    for _ in $(rounds 3); do
        keep "$verify_row" laurel "$(verify_clock '')"
    done
    report "$verify_row" ms time 1 laurel "$(least "$verify_row" laurel)" 'at most' 4000
}

# Five times as many take five times as long.
measure_growth() {
    local step
    for step in 1 2 3 4; do
        add_entries "$ledger_million" "$step"
    done
    sql -d "$ledger_database" -c 'VACUUM ANALYZE'
    for _ in $(rounds 2); do
        keep "$growth_row" laurel "$(verify_clock '' | awk '{ print $1 / 5 }')"
    done
    report "$growth_row" ms time 1.3 laurel "$(least "$growth_row" laurel)" 'of one million' "$(least "$verify_row" laurel)"
}

measure_ledger() {
    wanted "$verify_row" "$growth_row" "$since_row" "$seal_row" "$burden_row" || return 0
    make_database "$ledger_database" "$ledger_accounts"
    add_entries "$ledger_million" 0
    sql -d "$ledger_database" -c 'VACUUM ANALYZE'
    measure_verify
    measure_since
    measure_growth
    measure_burden
}
