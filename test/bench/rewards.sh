# shellcheck shell=bash
# Sourced by run.sh: one reward that many members want at once.

reward_database=laurel_bench_rewards
reward_row='redeem one reward, 8 clients'
busy_reward_row='redeem one reward, 8 clients, not waiting'
told_reward_row='redeem one reward and tell of it, 8 clients'

# The peer counts by hand and makes the same entry; it tells nobody. Another one tells the same: an event, and a notification.
reward_scripts() {
    local member="('0190a000-0000-7000-8000-' || lpad((1 + (:turn::bigint * 8 + :client_id::bigint) % :rich::bigint)::text, 12, '0'))::uuid"
    local reward="('0190a000-0000-7000-8000-' || lpad(:reward::text, 12, '0'))::uuid"
    printf '%s\n' '\set turn :turn + 1' "SELECT status FROM laurel.redeem($reward, user_id => $member);" >"$out/reward_laurel.pgbench"
    printf '%s\n' '\set turn :turn + 1' "WITH taken AS (UPDATE counted.rewards SET taken = taken + 1, updated_at = now()
            WHERE organization_id = '$organization' AND id = $reward AND status = 'active' AND taken < stock RETURNING organization_id, id, price, name),
        redeemed AS (INSERT INTO counted.redemptions (organization_id, reward_id, user_id, unit_price, reward_name, fulfilment, status, approved_at)
            SELECT organization_id, id, $member, price, name, 'manual', 'approved', now() FROM taken RETURNING organization_id, user_id, unit_price, reward_name)
        INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
        SELECT organization_id, user_id, -unit_price, 'reward_redeemed', reward_name FROM redeemed;" >"$out/reward_counted.pgbench"
    sed 's/reward_name FROM redeemed;/reward_name FROM redeemed RETURNING organization_id, user_id, reason/; s/^        INSERT INTO laurel.points_ledger/        , paid AS (&/' \
        "$out/reward_counted.pgbench" >"$out/reward_told.pgbench"
    printf '%s\n' "), event AS (INSERT INTO laurel.domain_events (organization_id, user_id, type, data) SELECT organization_id, user_id, 'reward_redeemed', '{}' FROM paid)
        INSERT INTO laurel.notifications (organization_id, user_id, type, title) SELECT organization_id, user_id, 'reward_redeemed', reason FROM paid;" >>"$out/reward_told.pgbench"
    printf '%s\n' '\set turn :turn + 1' "SELECT bench.try_redeem($reward, $member);" >"$out/reward_last.pgbench"
}

# Eight clients who want one reward: redeem_by CONTENDER REWARD OPTIONS
redeem_by() {
    PGOPTIONS="$as_service $3" throughput "$reward_database" "$(scaled 3)" 8 -D turn=-1 -D rich=20000 -D reward="$2" -f "$out/reward_$1.pgbench"
}

# Each round has a reward of its own: measure_rewards_with ROW FIRST_REWARD OPTIONS TARGET PEER NAME
measure_rewards_with() {
    local contender round
    for round in $(rounds 5); do
        for contender in laurel "$5"; do
            keep "$1" "$contender" "$(redeem_by $contender $(($2 + round)) "$3")"
        done
    done
    report_award "$1" "$4" laurel "$5" "$6"
}

# Of a reward there are 1,000, and eight clients ask for it 1,600 times: 1,000 have it.
check_last_reward() {
    local had
    PGOPTIONS="$as_service -c synchronous_commit=off" pgbench -n -M prepared -t 200 -c 8 -j 8 -D turn=-1 -D rich=20000 -D reward=12 \
        -f "$out/reward_last.pgbench" "$reward_database" >"$out/pgbench" 2>&1 || fail "pgbench: $(tail -n 3 "$out/pgbench")"
    had=$(sql -d "$reward_database" -c "SELECT r.taken || ' ' || count(*) || ' ' || (SELECT count(*) FROM laurel.points_ledger l WHERE l.reason = r.name AND amount = -r.price)
        FROM laurel.rewards r JOIN laurel.redemptions d ON d.reward_id = r.id WHERE r.id = bench.member(12) GROUP BY r.taken, r.name, r.price")
    [ "$had" = '1000 1000 1000' ] || fail "$reward_row: of 1,000 rewards $had are taken, redeemed and paid"
}

measure_rewards() {
    wanted "$reward_row" "$busy_reward_row" "$told_reward_row" || return 0
    prepare_untouched
    copy_untouched "$reward_database"
    sql -d "$reward_database" -v organization="$organization" -f "$bench/sql/rewards.sql" >/dev/null
    reward_scripts
    redeem_by laurel 1 '' >/dev/null
    ! wanted "$busy_reward_row" || measure_rewards_with "$busy_reward_row" 1 '-c synchronous_commit=off' - counted 'a counter locked by hand'
    ! wanted "$reward_row" || measure_rewards_with "$reward_row" 6 '' 0.7 counted 'a counter locked by hand'
    ! wanted "$told_reward_row" || measure_rewards_with "$told_reward_row" 12 '' - told 'a counter that tells the same'
    check_last_reward
}
