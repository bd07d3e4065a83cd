# shellcheck shell=bash
# Sourced by run.sh: tiers that end because their points have left the window, and what a window and a grace cost awards.

tiers_database=laurel_bench_tiers
tiers_accounts=$(scaled 100000 1000)
tiers_row="tiers end, $(grouped "$((10 * tiers_accounts))") entries of $(grouped "$tiers_accounts") accounts"
window_row='award where tiers follow a window'

# Awards with and without a window and a grace, in turns.
measure_window() {
    local with mine theirs rules
    for _ in $(rounds 5); do
        for with in without window; do
            rules="tier_basis = 'total', tier_window_months = NULL, tier_grace_days = 0"
            [ "$with" = without ] || rules="tier_basis = 'rolling', tier_window_months = 12, tier_grace_days = 30"
            sql -d "$tiers_database" -c "UPDATE laurel.organizations SET $rules WHERE id = '$organization'"
            sql -d "$tiers_database" -c 'VACUUM laurel.user_points'
            keep "$window_row" "$with" "$(PGOPTIONS="$as_service" throughput "$tiers_database" "$(scaled 6)" 1 -D accounts="$tiers_accounts" -f "$bench/pgbench/award_insert.sql")"
        done
    done
    read -r mine theirs < <(middle "$window_row" window without)
    report "$window_row" tx/s rate 0.9 'a window and a grace' "$mine" 'the balance' "$theirs"
}

measure_tiers() {
    wanted "$tiers_row" "$window_row" || return 0
    make_database "$tiers_database" "$tiers_accounts"
    sql -d "$tiers_database" -v accounts="$tiers_accounts" -v organization="$organization" -f "$bench/sql/tiers.sql"
    keep "$tiers_row" laurel "$(clock "$tiers_database" "CALL laurel.end_tiers('$organization')")"
    [ "$(sql -d "$tiers_database" -c "SELECT count(*) = 0 FROM laurel.user_points WHERE (rolling_points >= 95) <> (tier = 'silver')")" = t ] || fail "$tiers_row: a tier is not what its window says"
    report "$tiers_row" ms time 1 end_tiers "$(least "$tiers_row" laurel)" limit 60000
    measure_window
}
