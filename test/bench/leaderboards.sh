# shellcheck shell=bash
# Sourced by run.sh: leaderboards of everybody, live. The peer ranks with a window function and has no privacy to honour.

top_row="top 10 of $(grouped "$members") members"
around_row="10 around me of $(grouped "$members") members"
me=$((members / 3))

# Every member gets some points.
fill_accounts() {
    sql -d "$awards_database" -c "INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
        SELECT '$organization', bench.member(n), 1 + (random() * 5000)::bigint, 'module_completed', 'finished a module'
        FROM generate_series(1, $members) n" -c 'VACUUM ANALYZE laurel.user_points'
}

# What a row of the peer's leaderboard shows, without names.
ranked() {
    echo "SELECT rank() OVER (ORDER BY total_points DESC) AS rank, user_id, total_points, tier, current_level, reached_at" \
        "FROM laurel.user_points WHERE organization_id = '$organization' AND last_entry_no > 0" \
        "ORDER BY total_points DESC, reached_at"
}

named() {
    echo "SELECT r.*, u.full_name, u.avatar_url FROM $1 r JOIN laurel.users u ON u.id = r.user_id ORDER BY r.total_points DESC, r.reached_at"
}

ranked_around_me() {
    echo "WITH ranked AS MATERIALIZED (SELECT *, row_number() OVER (ORDER BY total_points DESC, reached_at) AS place FROM ($(ranked)) all_of_them)," \
        "around AS (SELECT * FROM ranked WHERE place BETWEEN (SELECT place - 5 FROM ranked WHERE user_id = '$(member "$me")')" \
        "AND (SELECT place + 4 FROM ranked WHERE user_id = '$(member "$me")')) $(named around)"
}

# Writes the requests of both contenders: leaderboard_scripts NAME LAUREL PEER
leaderboard_scripts() {
    request laurel "'$(claims "$(member "$me")")'" "$2" >"$out/requests/$1_laurel.sql"
    request laurel "'$(claims "$(member "$me")")'" "$3" | sed "s/'authenticated', true/'service_role', true/" >"$out/requests/$1_window.sql"
}

leaderboard_rounds() {
    local contender
    for _ in $(rounds 3); do
        for contender in laurel window; do
            keep "$1" "$contender" "$(steady_throughput "$awards_database" 2 4 -f "$out/requests/$2_$contender.sql" | awk '{ printf "%.4f", 1000 / $1 }')"
        done
    done
    report "$1" ms faster - laurel "$(least "$1" laurel)" "rank() OVER" "$(least "$1" window)"
}

measure_leaderboards() {
    wanted "$top_row" "$around_row" || return 0
    prepare_awards
    fill_accounts
    leaderboard_scripts top "SELECT * FROM laurel.leaderboard('all_time', 10)" "$(named "($(ranked) LIMIT 10)")"
    leaderboard_scripts around "SELECT * FROM laurel.leaderboard('all_time', 10, '$(member "$me")')" "$(ranked_around_me)"
    ! wanted "$top_row" || leaderboard_rounds "$top_row" top
    ! wanted "$around_row" || leaderboard_rounds "$around_row" around
}
