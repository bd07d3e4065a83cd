# shellcheck shell=bash
# Sourced by run.sh: what members do, with all that follows from it: a module that is completed, a place at an event, thanks
# that are read, a calendar that is fetched.

completion_database=laurel_bench_completions
place_database=laurel_bench_places
calendar_database=laurel_bench_calendar
completion_row='complete a module'
busy_completion_row='complete a module, not waiting for the disk'
place_row='places at one event, 8 clients'
busy_place_row='places at one event, 8 clients, not waiting'
feed_database=laurel_bench_feed
thanks=$(scaled 1000000 10000)
feed_row="feed of $(grouped "$thanks")"
page_row="page of $(grouped "$thanks") by policy"
calendar_row='calendar of 500 events'
thanks_columns='r.id, r.created_at, r.sender_id, r.recipient_id, r.message, r.points_awarded'

# Prints what an application sends that trusts itself: the seed's transaction, one statement after the other, where the points are the
# function that it calls.
completion_by_hand() {
    local member="('0190a000-0000-7000-8000-' || lpad((1 + :turn::bigint % :members::bigint)::text, 12, '0'))::uuid"
    local module="('0190a000-0000-7000-8000-' || lpad((1 + :turn::bigint / :members::bigint)::text, 12, '0'))::uuid"
    cat <<SQL
\set turn :turn + 1
BEGIN;
UPDATE trusting.module_completions SET status = 'completed', completed_date = now(), points_earned = 10, updated_at = now()
WHERE organization_id = '$organization' AND user_id = $member AND module_id = $module;
SELECT trusting.award($member, 10, $module, 'Completed');
SELECT 20.0 * count(*) AS progress FROM trusting.module_completions
WHERE user_id = $member AND organization_id = '$organization' AND learning_path_id = '$1' AND status = 'completed' \gset
UPDATE trusting.learning_path_progress SET progress_percentage = :progress::numeric, last_activity_date = now(), modules_completed = modules_completed || $module,
    status = CASE WHEN :progress::numeric = 100 THEN 'completed' ELSE 'in_progress' END, completed_date = CASE WHEN :progress::numeric = 100 THEN now() END
WHERE organization_id = '$organization' AND user_id = $member AND learning_path_id = '$1';
INSERT INTO trusting.notifications (organization_id, user_id, type, title, link, data)
VALUES ('$organization', $member, 'module_completed', 'You completed a module', '/learning', '{"module": 1}');
COMMIT;
SQL
}

# The transactions of the contenders: each member of a slice completes the same module, and nobody twice.
completion_scripts() {
    local call="('0190a000-0000-7000-8000-' || lpad((1 + :turn::bigint / :members::bigint)::text, 12, '0'))::uuid, ('0190a000-0000-7000-8000-' || lpad((1 + :turn::bigint % :members::bigint)::text, 12, '0'))::uuid"
    printf '%s\n' '\set turn :turn + 1' "SELECT * FROM laurel.complete_module($call);" >"$out/completion_laurel.pgbench"
    printf '%s\n' '\set turn :turn + 1' "SELECT trusting.complete_module($call);" >"$out/completion_function.pgbench"
    completion_by_hand "$(sql -d "$completion_database" -c 'SELECT id FROM laurel.learning_paths')" >"$out/completion_transaction.pgbench"
}

# What both must have done: completions, points, told members, the sum of progress.
completed_in() {
    sql -d "$completion_database" -c "SELECT (SELECT count(*) FROM $1.module_completions WHERE status = 'completed' AND points_earned = 10),
        (SELECT count(*) * 10 FROM $1.module_completions WHERE status = 'completed') = (SELECT sum(amount) FROM $1.points_ledger),
        (SELECT sum(total_points) FROM $1.user_points) = (SELECT sum(amount) FROM $1.points_ledger),
        (SELECT count(*) FROM $1.notifications), (SELECT count(*) > 0 FROM $1.learning_path_progress WHERE progress_percentage > 0)" |
        awk -F '|' '{ print ($1 == $4 && $2 == "t" && $3 == "t" && $5 == "t") ? "sound" : $0 }'
}

# Lets each contender complete modules in turn: measure_completion_with ROW SLICE OPTIONS TARGET
measure_completion_with() {
    local contender round first=$2 slice=$((members * modules / 30))
    for round in $(rounds 6); do
        for contender in laurel transaction function; do
            keep "$1" "$contender" "$(PGOPTIONS="$as_service $3" throughput "$completion_database" "$(scaled 3)" 1 \
                -D turn="$first" -D members="$members" -f "$out/completion_$contender.pgbench")"
            [ $contender != transaction ] || first=$((first + slice))
        done
        first=$((first + slice))
    done
    report_award "$1" "$4" laurel transaction "the seed's statements"
    report_award "$1" - laurel function 'one PL/pgSQL call'
}

measure_completions() {
    local contender modules=5
    wanted "$completion_row" "$busy_completion_row" || return 0
    prepare_untouched
    copy_untouched "$completion_database"
    sql -d "$completion_database" -v members="$members" -v modules=$modules -v organization="$organization" -f "$bench/sql/completions.sql" >/dev/null
    completion_scripts
    ! wanted "$busy_completion_row" || measure_completion_with "$busy_completion_row" -1 '-c synchronous_commit=off' -
    ! wanted "$completion_row" || measure_completion_with "$completion_row" $((members * modules / 2 - 1)) '' 0.6
    for contender in laurel trusting; do
        [ "$(completed_in $contender)" = sound ] || fail "$completion_row: $contender has $(completed_in $contender)"
    done
}

place_scripts() {
    local member="('0190a000-0000-7000-8000-' || lpad((1 + :turn::bigint * 8 + :client_id::bigint)::text, 12, '0'))::uuid"
    local event="('0190a000-0000-7000-8000-' || lpad(:event::text, 12, '0'))::uuid"
    printf '%s\n' '\set turn :turn + 1' "INSERT INTO laurel.participations (organization_id, event_id, user_id, rsvp_status) VALUES ('$organization', $event, $member, 'going');" >"$out/place_laurel.pgbench"
    printf '%s\n' '\set turn :turn + 1' "WITH place AS (UPDATE counted.events SET places_taken = places_taken + 1, updated_at = now()
            WHERE organization_id = '$organization' AND id = $event AND status = 'scheduled' AND places_taken < max_participants RETURNING organization_id, id)
        INSERT INTO counted.participations (organization_id, event_id, user_id, rsvp_status) SELECT organization_id, id, $member, 'going' FROM place;" >"$out/place_counted.pgbench"
}

# Answers of eight clients to one event: answer_event CONTENDER EVENT OPTIONS
answer_event() {
    PGOPTIONS="$as_service $3" throughput "$place_database" "$(scaled 3)" 8 -D turn=-1 -D event="$2" -f "$out/place_$1.pgbench"
}

# Each round has an event of its own: measure_places_with ROW FIRST_EVENT OPTIONS TARGET
measure_places_with() {
    local contender round
    for round in $(rounds 5); do
        for contender in laurel counted; do
            keep "$1" "$contender" "$(answer_event $contender $(($2 + round)) "$3")"
        done
    done
    report_award "$1" "$4" laurel counted 'a counter locked by hand'
}

# Events on which eight clients ran, the first of which has 100 places.
check_places() {
    local wrong
    wrong=$(sql -d "$place_database" -c "SELECT count(*) FROM laurel.events e WHERE places_taken > max_participants
        OR places_taken <> (SELECT count(*) FROM laurel.participations p WHERE p.event_id = e.id AND p.rsvp_status = 'going')
        OR id = bench.member(1) AND (places_taken <> least(100, 8 * $(scaled 100)) OR waiting_count = 0)")
    is_smoke || [ "$wrong" = 0 ] || fail "$place_row: $wrong events have other places than were taken"
}

measure_places() {
    wanted "$place_row" "$busy_place_row" || return 0
    prepare_untouched
    copy_untouched "$place_database"
    sql -d "$place_database" -v members="$members" -v events=11 -v organization="$organization" -f "$bench/sql/places.sql" >/dev/null
    place_scripts
    answer_event laurel 1 '' >/dev/null
    ! wanted "$busy_place_row" || measure_places_with "$busy_place_row" 1 '-c synchronous_commit=off' -
    ! wanted "$place_row" || measure_places_with "$place_row" 6 '' 0.8
    check_places
}

# Prints which recognitions a caller sees, as a careful programmer would say it; r is the recognition.
seen_by() {
    local me team
    me=$(member "$2")
    team=$(member $((1 + $2 % teams)))
    case $1 in
        admin) echo "r.organization_id = '$organization'" ;;
        member | manager)
            printf "r.organization_id = '%s' AND (r.status = 'approved' AND (r.visibility = 'public' OR r.visibility = 'team' AND r.team_id = '%s' OR r.recipient_id = '%s') OR r.sender_id = '%s'" \
                "$organization" "$team" "$me" "$me"
            [ "$1" = member ] || printf " OR r.status IN ('pending', 'rejected') AND r.recipient_id <> '%s' AND r.sender_id = ANY ('{%s}')" \
                "$me" "$(for n in $(seq 3 12); do member "$n" && echo; done | paste -sd,)"
            echo ')'
            ;;
    esac
}

number_in_feed() {
    case $1 in admin) echo 1 ;; manager) echo 2 ;; member) echo $((members / 3)) ;; esac
}

# Prints the requests of a caller: the page by the policy, or by hand.
page_request() {
    local n guard=''
    n=$(number_in_feed "$2")
    [ "$1" = laurel ] || guard=" WHERE $(seen_by "$2" "$n")"
    request "$1" "'$(claims "$(member "$n")")'" "SELECT $thanks_columns FROM recognitions r$guard ORDER BY r.created_at DESC LIMIT 20"
}

# What somebody is called in the organization, where s or t is who sent or received.
name_by_hand() {
    echo "coalesce($1m.display_name, CASE WHEN $1.organization_id = r.organization_id THEN coalesce($1p.display_name, $1.full_name) END, 'Anonymous')"
}

people_by_hand() {
    echo "LEFT JOIN users $1 ON $1.id = r.$2 LEFT JOIN profiles $1p ON $1p.user_id = $1.id
        LEFT JOIN user_organizations $1m ON $1m.organization_id = r.organization_id AND $1m.user_id = $1.id"
}

# The same with names, as the function gives them.
feed_request() {
    local n query
    n=$(number_in_feed "$2")
    query='SELECT * FROM laurel.recognition_feed(20)'
    [ "$1" = laurel ] || query="SELECT r.id, r.created_at, r.sender_id, $(name_by_hand s), r.recipient_id, $(name_by_hand t), r.message,
        r.points_awarded, v.name, r.visibility, r.comments_count, r.reactions_count, r.adds_to
        FROM (SELECT * FROM recognitions r WHERE r.status = 'approved' AND $(seen_by "$2" "$n") ORDER BY r.created_at DESC, r.id DESC LIMIT 20) r
        $(people_by_hand s sender_id) $(people_by_hand t recipient_id)
        LEFT JOIN company_values v ON v.organization_id = r.organization_id AND v.id = r.company_value_id
        ORDER BY r.created_at DESC, r.id DESC"
    request "$1" "'$(claims "$(member "$n")")'" "$query"
}

# One kind of request of one caller, turn and turn about: measure_thanks KIND ROW CALLER
measure_thanks() {
    local contender row="$2, $3"
    wanted "$row" || return 0
    for contender in open laurel; do
        "$1_request" $contender "$3" >"$out/requests/$1_$3_$contender.sql"
        sql -d "$feed_database" -f "$out/requests/$1_$3_$contender.sql" | grep -v '"public"|' >"$out/$contender.thanks"
    done
    cmp -s "$out/open.thanks" "$out/laurel.thanks" || fail "$row: laurel answers something else"
    for _ in $(rounds 5); do
        for contender in open laurel; do
            keep "$row" $contender "$(steady_throughput "$feed_database" 2 "$busy" -f "$out/requests/$1_$3_$contender.sql" | awk '{ printf "%.4f", 1000 / $1 }')"
        done
    done
    report "$row" ms time 1.15 laurel "$(least "$row" laurel)" 'no row security' "$(least "$row" open)"
}

measure_feed() {
    local caller teams=50 members
    members=$(scaled 10000 1000)
    wanted "$feed_row, "{member,manager,admin} "$page_row, "{member,manager,admin} || return 0
    make_database "$feed_database" "$members"
    sql -d "$feed_database" -v members="$members" -v teams=$teams -v recognitions="$thanks" -v organization="$organization" -f "$bench/sql/recognitions.sql" >/dev/null
    for caller in member manager admin; do
        measure_thanks feed "$feed_row" $caller
        measure_thanks page "$page_row" $caller
    done
}

measure_calendar() {
    local token
    wanted "$calendar_row" || return 0
    prepare_untouched
    copy_untouched "$calendar_database"
    token=$(sql -d "$calendar_database" -v events=500 -v organization="$organization" -f "$bench/sql/calendar.sql" | tail -n 1)
    echo "SELECT laurel.calendar_feed('$token');" >"$out/requests/calendar.sql"
    for _ in $(rounds 3); do
        keep "$calendar_row" laurel "$(PGOPTIONS="$as_service" steady_throughput "$calendar_database" 2 1 -f "$out/requests/calendar.sql" | awk '{ printf "%.4f", 1000 / $1 }')"
    done
    [ "$(sql -d "$calendar_database" -c "SELECT count(*) FROM regexp_matches(laurel.calendar_feed('$token'), 'BEGIN:VEVENT', 'g')")" = 500 ] ||
        fail "$calendar_row: there are not as many"
    report "$calendar_row" ms time 1 laurel "$(least "$calendar_row" laurel)" limit 20
}

measure_engagement() {
    measure_feed
    measure_calendar
    measure_completions
    measure_places
}
