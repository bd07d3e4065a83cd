# shellcheck shell=bash
# Sourced by run.sh: what members are told. The peers have tables made from Laurel's without triggers, one with the foreign key of
# a notification and one without, and write notifications and deliveries in one statement.

notify_database=laurel_bench_notify
notify_rows=$(scaled 100000 1000)
notify_row="notify $(grouped "$notify_rows") members by e-mail"
unread_row="unread of a member with $(grouped "$notify_rows")"
news="'$organization' AS organization_id, bench.member(n) AS user_id, 'lesson_done' AS type, 'Well done' AS title FROM generate_series(1, $notify_rows) n"

# Prints what a contender has made: told_in SCHEMA
told_in() {
    sql -d "$notify_database" -c "SELECT (SELECT count(DISTINCT user_id) FROM $1.notifications),
        count(DISTINCT d.notification_id), count(*) FILTER (WHERE d.channel = 'email' AND d.state = 'ready' AND d.due_at <= now()) FROM $1.notification_deliveries d"
}

# Measures one contender in a database of its own: notify_round CONTENDER SCHEMA STATEMENT
notify_round() {
    copy_untouched "$notify_database"
    sql -d "$notify_database" -c 'GRANT USAGE ON SCHEMA bare TO service_role' \
        -c 'CREATE TABLE bare.notifications (LIKE laurel.notifications INCLUDING ALL)' \
        -c 'CREATE TABLE bare.notification_deliveries (LIKE laurel.notification_deliveries INCLUDING ALL) WITH (fillfactor = 50)' \
        -c 'GRANT ALL ON bare.notifications, bare.notification_deliveries TO service_role'
    [ "$1" != key ] || sql -d "$notify_database" -c 'ALTER TABLE bare.notifications ADD FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE'
    keep "$notify_row" "$1" "$(PGOPTIONS="$as_service" clock "$notify_database" "$3")"
    told_in "$2" >"$out/$1.notified"
}

measure_notify() {
    local written="WITH told AS (INSERT INTO bare.notifications (organization_id, user_id, type, title) SELECT $news RETURNING organization_id, user_id, id)
        INSERT INTO bare.notification_deliveries (organization_id, user_id, notification_id, channel, due_at)
        SELECT organization_id, user_id, id, 'email', now() FROM told"
    for _ in $(rounds 4); do
        notify_round laurel laurel "INSERT INTO laurel.notifications (organization_id, user_id, type, title) SELECT $news"
        notify_round key bare "$written"
        notify_round bare bare "$written"
        cmp -s "$out/laurel.notified" "$out/key.notified" || fail "$notify_row: $(cat "$out/laurel.notified") and $(cat "$out/key.notified")"
    done
    report "$notify_row" ms time 1.4 laurel "$(least "$notify_row" laurel)" "no triggers but the key's" "$(least "$notify_row" key)"
    report "$notify_row" ms time - laurel "$(least "$notify_row" laurel)" "no triggers" "$(least "$notify_row" bare)"
}

# One member who has not read anything: exact up to the most that is asked for.
measure_unread() {
    local contender counted="SELECT count(*) FROM laurel.notifications WHERE user_id = '$(member 1)' AND NOT is_read"
    copy_untouched "$notify_database"
    sql -d "$notify_database" -c "INSERT INTO laurel.notifications (organization_id, user_id, type, title, channels)
        SELECT '$organization', bench.member(1), 'lesson_done', 'Well done', '{}' FROM generate_series(1, $notify_rows)" -c 'VACUUM ANALYZE laurel.notifications'
    request laurel "'$(claims "$(member 1)")'" 'SELECT laurel.unread_notifications()' >"$out/requests/unread_laurel.sql"
    request laurel "'$(claims "$(member 1)")'" "$counted" | sed "s/'authenticated', true/'service_role', true/" >"$out/requests/unread_count.sql"
    for _ in $(rounds 3); do
        for contender in laurel count; do
            keep "$unread_row" "$contender" "$(steady_throughput "$notify_database" 2 1 -f "$out/requests/unread_$contender.sql" | awk '{ printf "%.4f", 1000 / $1 }')"
        done
    done
    report "$unread_row" ms time 1 laurel "$(least "$unread_row" laurel)" limit 1
    report "$unread_row" ms faster - laurel "$(least "$unread_row" laurel)" 'count(*)' "$(least "$unread_row" count)"
}

measure_notifications() {
    wanted "$notify_row" "$unread_row" || return 0
    prepare_untouched
    ! wanted "$notify_row" || measure_notify
    ! wanted "$unread_row" || measure_unread
    sql -d postgres -c "DROP DATABASE $notify_database WITH (FORCE)"
}
