# shellcheck shell=bash
# Sourced by run.sh: leaderboards of everybody, live. The peer ranks with a window function and has no privacy to honour.

top_row="top 10 of $members members"
around_row="10 around me of $members members"
me=$((members / 3))

# Every member gets some points.
fill_accounts() {
    sql -d "$awards_database" -c "INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
        SELECT '$organization', bench.member(n), 1 + (random() * 5000)::bigint, 'module_completed', 'finished a module'
        FROM generate_series(1, $members) n" -c 'VACUUM ANALYZE laurel.user_points'
}

ranked_query() {
    cat <<EOF
SELECT rank, user_id, full_name, avatar_url, total_points, tier, current_level, reached_at
FROM (SELECT rank() OVER (ORDER BY p.total_points DESC) AS rank, row_number() OVER (ORDER BY p.total_points DESC, p.reached_at) AS place, p.*, u.full_name, u.avatar_url
    FROM laurel.user_points p JOIN laurel.users u ON u.id = p.user_id WHERE p.organization_id = '$organization' AND p.last_entry_no > 0) ranked
EOF
}

# Writes the requests of both contenders: leaderboard_scripts NAME CALL QUERY
leaderboard_scripts() {
    request laurel "'$(claims "$(member "$me")")'" "$2" >"$out/requests/$1_laurel.sql"
    request laurel "'$(claims "$(member "$me")")'" "$3" | sed "s/'authenticated', true/'service_role', true/" >"$out/requests/$1_window.sql"
}

leaderboard_rounds() {
    local round contender
    for round in $(rounds 3); do
        for contender in laurel window; do
            keep "$1" "$contender" "$(throughput "$awards_database" 1 1 -f "$out/requests/$2_$contender.sql" | awk '{ printf "%.4f", 1000 / $1 }')"
        done
    done
    report "$1" ms faster - laurel "$(least "$1" laurel)" "rank() OVER" "$(least "$1" window)"
}

measure_leaderboards() {
    wanted "$top_row" "$around_row" || return 0
    prepare_ledger
    fill_accounts
    leaderboard_scripts top "SELECT * FROM laurel.leaderboard('all_time', 10)" "$(ranked_query) ORDER BY place LIMIT 10"
    leaderboard_scripts around "SELECT * FROM laurel.leaderboard('all_time', 10, '$(member "$me")')" \
        "WITH everybody AS ($(ranked_query)) SELECT e.* FROM everybody e, everybody me WHERE me.user_id = '$(member "$me")' AND e.rank BETWEEN me.rank - 5 AND me.rank + 5"
    ! wanted "$top_row" || leaderboard_rounds "$top_row" top
    ! wanted "$around_row" || leaderboard_rounds "$around_row" around
}
