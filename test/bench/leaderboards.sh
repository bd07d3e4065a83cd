# shellcheck shell=bash
# Sourced by run.sh: leaderboards of everybody, live. One peer ranks with a window function and has no privacy to honour;
# the other honours it.

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

# The top 10 of a leaderboard whose members decide what others see of them, here and everywhere, by hand:
# top_honouring POINTS REACHED CONDITION
top_honouring() {
    echo "SELECT r.rank, CASE WHEN r.is_public THEN r.user_id END AS user_id, CASE WHEN r.is_public THEN coalesce(r.display_name, u.full_name) END AS full_name," \
        "CASE WHEN r.is_public THEN coalesce(r.picture, u.avatar_url) END AS avatar_url, r.points, r.tier, r.current_level, r.reached_at FROM (" \
        "SELECT rank() OVER (ORDER BY up.$1 DESC) AS rank, up.user_id, up.$1 AS points, up.tier, up.current_level, up.$2 AS reached_at, m.display_name, m.avatar_url AS picture," \
        "coalesce(p.leaderboard_privacy, 'public') = 'public' AND m.leaderboard_privacy = 'public' AS is_public FROM laurel.user_points up" \
        "JOIN laurel.user_organizations m ON m.organization_id = up.organization_id AND m.user_id = up.user_id" \
        "LEFT JOIN laurel.user_preferences p ON p.user_id = up.user_id" \
        "WHERE up.organization_id = '$organization' AND $3 AND p.leaderboard_privacy IS DISTINCT FROM 'hidden' AND m.leaderboard_privacy <> 'hidden'" \
        "ORDER BY up.$1 DESC, up.$2 LIMIT 10) r JOIN laurel.users u ON u.id = r.user_id ORDER BY r.points DESC, r.reached_at"
}

# Writes the requests of both contenders: leaderboard_scripts NAME LAUREL PEER
leaderboard_scripts() {
    [ -z "${4:-}" ] || request laurel "'$(claims "$(member "$me")")'" "$4" | sed "s/'authenticated', true/'service_role', true/" >"$out/requests/$1_honouring.sql"
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

# The top 10 of a period against a query by hand that honours privacy: measure_top PERIOD POINTS REACHED CONDITION
measure_top() {
    local row="$top_row, $1" contender
    leaderboard_scripts "top_$1" "SELECT * FROM laurel.leaderboard('$1', 10)" "$(named "($(ranked) LIMIT 10)")" "$(top_honouring "$2" "$3" "$4")"
    for _ in $(rounds 3); do
        for contender in laurel honouring; do
            keep "$row" "$contender" "$(steady_throughput "$awards_database" 2 4 -f "$out/requests/top_$1_$contender.sql" | awk '{ printf "%.4f", 1000 / $1 }')"
        done
    done
    report "$row" ms time 1.2 laurel "$(least "$row" laurel)" "rank() OVER, privacy" "$(least "$row" honouring)"
}

measure_tops() {
    local today="(now() AT TIME ZONE 'UTC')"
    measure_top all_time total_points reached_at 'up.reached_at IS NOT NULL'
    measure_top weekly points_this_week week_reached_at "up.week_start = date_trunc('week', $today)::date AND up.week_reached_at IS NOT NULL"
    measure_top monthly points_this_month month_reached_at "up.month_start = date_trunc('month', $today)::date AND up.month_reached_at IS NOT NULL"
}

measure_leaderboards() {
    wanted "$top_row" "$around_row" || return 0
    prepare_awards
    fill_accounts
    leaderboard_scripts top "SELECT * FROM laurel.leaderboard('all_time', 10)" "$(named "($(ranked) LIMIT 10)")"
    leaderboard_scripts around "SELECT * FROM laurel.leaderboard('all_time', 10, '$(member "$me")')" "$(ranked_around_me)"
    ! wanted "$top_row" || { leaderboard_rounds "$top_row" top && measure_tops; }
    ! wanted "$around_row" || leaderboard_rounds "$around_row" around
}
