# shellcheck shell=bash
# Sourced by run.sh: badges that are earned by their criteria.

badges_database=laurel_bench_badges
badges_events=$(scaled 1000000 10000)
badges_past_row="award a badge over $(grouped "$badges_events") events, to a tenth"
badges_deaf_row='an event that none of 1,000 badges counts'
badges_many=$(scaled 20000 1000)
badges_many_row="$(grouped "$badges_many") events in one statement, a badge counts"

# All members hold as many events as each other, and every tenth one more.
make_past_events() {
    copy_untouched "$badges_database"
    sql -d "$badges_database" -v organization="$organization" -v events="$badges_events" -f "$bench/sql/badges.sql" >/dev/null
}

measure_past_events() {
    local badge
    for _ in $(rounds 2); do
        make_past_events
        badge=$(sql -d "$badges_database" -c "INSERT INTO laurel.badges (organization_id, badge_name, criteria)
            VALUES ('$organization', 'Past', jsonb_build_object('events', jsonb_build_object('held', $badges_events / $members + 1))) RETURNING id")
        keep "$badges_past_row" laurel "$(PGOPTIONS="$as_service" clock "$badges_database" "SELECT laurel.award_earned_badges('$badge')")"
    done
    report "$badges_past_row" ms time 1 laurel "$(least "$badges_past_row" laurel)" limit 10000
}

# Prints events per second.
deaf_rate() {
    PGOPTIONS="-c client_min_messages=warning -c synchronous_commit=off" throughput "$badges_database" "$(scaled 3)" 1 -f "$out/deaf.pgbench"
}

measure_deaf_events() {
    local mine theirs
    copy_untouched "$badges_database"
    sql -d "$badges_database" -c "INSERT INTO laurel.badges (organization_id, slug, badge_name, criteria)
        SELECT '$organization', 'badge-' || n, 'Badge', jsonb_build_object('events', jsonb_build_object('type_' || n, 1)) FROM generate_series(1, 1000) n"
    printf '%s\n' "\\set member random(1, $members)" "INSERT INTO laurel.domain_events (organization_id, user_id, type)
        VALUES ('$organization', bench.member(:member), 'other');" >"$out/deaf.pgbench"
    for _ in $(rounds 5); do
        keep "$badges_deaf_row" laurel "$(deaf_rate)"
        sql -d "$badges_database" -c "ALTER TABLE laurel.domain_events DISABLE TRIGGER earn_badges" \
            -c "ALTER TABLE laurel.domain_events DISABLE TRIGGER count_challenge_events"
        keep "$badges_deaf_row" bare "$(deaf_rate)"
        sql -d "$badges_database" -c "ALTER TABLE laurel.domain_events ENABLE TRIGGER earn_badges" \
            -c "ALTER TABLE laurel.domain_events ENABLE TRIGGER count_challenge_events"
    done
    read -r mine theirs < <(middle "$badges_deaf_row" laurel bare)
    report "$badges_deaf_row" tx/s rate 0.9 laurel "$mine" "no trigger" "$theirs"
}

# Measures one contender: counted_round laurel|written
counted_round() {
    copy_untouched "$badges_database"
    sql -d "$badges_database" -v organization="$organization" -v events=0 -f "$bench/sql/badges.sql" >/dev/null
    if [ "$1" = laurel ]; then
        sql -d "$badges_database" -c "ALTER TABLE laurel.domain_events DISABLE TRIGGER written" \
            -c "UPDATE laurel.badges SET criteria = jsonb_build_object('events', jsonb_build_object('held', 10))"
    fi
    keep "$badges_many_row" "$1" "$(PGOPTIONS="-c client_min_messages=warning" clock "$badges_database" "INSERT INTO laurel.domain_events (organization_id, user_id, type)
        SELECT '$organization', bench.member(1 + n % ($badges_many / 10)), 'held' FROM generate_series(1, $badges_many) n")"
    sql -d "$badges_database" -c "SELECT count(*), min(times_awarded) FROM laurel.badge_awards a JOIN laurel.badges b ON b.id = a.badge_id" >"$out/$1.counted"
}

measure_counted_events() {
    local contender
    for _ in $(rounds 2); do
        for contender in laurel written; do
            counted_round "$contender"
        done
        cmp -s "$out/laurel.counted" "$out/written.counted" || fail "$badges_many_row: $(cat "$out/laurel.counted") and $(cat "$out/written.counted")"
    done
    report "$badges_many_row" ms faster 2 laurel "$(least "$badges_many_row" laurel)" "PL/pgSQL row trigger" "$(least "$badges_many_row" written)"
}

measure_badges() {
    wanted "$badges_past_row" "$badges_deaf_row" "$badges_many_row" || return 0
    prepare_untouched
    ! wanted "$badges_past_row" || measure_past_events
    ! wanted "$badges_deaf_row" || measure_deaf_events
    ! wanted "$badges_many_row" || measure_counted_events
}
