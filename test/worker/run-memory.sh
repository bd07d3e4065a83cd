#!/usr/bin/env bash
# A worker must not grow: what its loop does in an hour is done in a minute, and its own memory (RssAnon) is read before and
# after. A fifth of each comes first, to settle.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

name=memory
# shellcheck source=test/worker/support/harness.sh
. "$root/test/worker/support/harness.sh"

allowed=1024 # kilobytes

resident() {
    awk '/^RssAnon:/ { print $2 }' "/proc/$(cat "$out/hourly.pid")/status"
}

# calls FUNCTION: how often that function of laurel_internal has been called.
calls() {
    value "SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions WHERE schemaname = 'laurel_internal' AND funcname = '$1'"
}

# stays_small COUNT COMMAND: the command does that much of something.
stays_small() {
    local before growth
    "$2" $(($1 / 5)) || return 1
    before=$(resident)
    "$2" "$1" || return 1
    growth=$(($(resident) - before))
    echo "$2: $growth kB in $1" >>"$out/growth"
    echo "grew by $growth kB in $1"
    [ "$growth" -le "$allowed" ]
}

# A NOTIFY that finds the worker waiting makes it claim, and there is nothing; enough of them come to make so many claims.
wake() {
    within 60 woken $(($(calls claim_deliveries) + $1))
}

woken() {
    seq 200 | sed 's/.*/NOTIFY laurel_deliveries; SELECT pg_sleep(0.002);/' | psql -X -q -o /dev/null
    [ "$(calls claim_deliveries)" -ge "$1" ]
}

# Five hundred at a time, of which every other lot is refused at first and comes again.
deliver() {
    local left type
    for ((left = $1; left > 0; left -= 1000)); do
        for type in taken refused; do
            notify "$type" webhook 500
            within 20 all_are_done && arrivals http 500 || return 1
        done
    done
}

# Five hundred e-mails at a time; every other lot carries a file, which is shown as well.
post() {
    local left
    for ((left = $1; left > 0; left -= 1000)); do
        notify said email 500
        within 60 all_are_done && arrivals smtp 500 || return 1
        invite
        within 60 all_are_done && arrivals smtp 500 || return 1
    done
}

# Everybody to a new event, as `notify` does.
invite() {
    sql -1 -o /dev/null -c "INSERT INTO laurel.events (activity_id, title, scheduled_date) SELECT id, 'Yoga', now() + interval '1 day' FROM laurel.activities" \
        -c "SELECT laurel.invite_to_event(e.id, ARRAY(SELECT id FROM laurel.users)) FROM laurel.events e WHERE e.created_at = now()" -c "\\o $out/expected" \
        -c "SELECT d.id FROM laurel.notification_deliveries d JOIN laurel.notifications n ON n.id = d.notification_id
            WHERE d.channel = 'email' AND n.created_at = now() ORDER BY d.id"
}

all_are_done() {
    sql -c "UPDATE laurel.notification_deliveries SET due_at = now() WHERE state = 'ready'" -c 'NOTIFY laurel_deliveries'
    queue_is_empty
}

# Every page a third of the times.
ask() {
    local page
    for page in healthz metrics ''; do
        curl -sf "http://127.0.0.1:$http_port/$page?[1-$(($1 / 3))]" -o "$out/page" || return 1
    done
}

find_server
prepare
http_port=$((20000 + RANDOM % 10000))
settings=(LAUREL_WEBHOOK_ALLOW=127.0.0.0/8 LAUREL_WEBHOOK_ALLOW_HTTP=true LAUREL_LEASE=1s LAUREL_POLL=100ms)
sql -c "ALTER DATABASE laurel SET track_functions = 'all'" \
    -c "INSERT INTO laurel.users (email) SELECT 'u' || n || '@example.org' FROM generate_series(1, 500) n"
sql -c "INSERT INTO laurel.activities (name) VALUES ('Yoga')"
peer http http_peer.py --
peer smtp smtp_peer.py -- "$out/mail"
settings+=("LAUREL_SMTP_URL=smtp://127.0.0.1:$(port smtp)" LAUREL_MAIL_FROM=laurel@example.org)
endpoint "http://127.0.0.1:$(port http)/ok" taken >/dev/null
endpoint "http://127.0.0.1:$(port http)/then-ok/1" refused >/dev/null
worker hourly "LAUREL_HTTP_PORT=$http_port"
within 10 curl -sf "http://127.0.0.1:$http_port/readyz"

check "a worker that is woken 3,600 times does not grow" stays_small 3600 wake
check "a worker that delivers 4,000 times does not grow" stays_small 4000 deliver
check "a worker that mails 4,000 times does not grow" stays_small 4000 post
check "a worker that is looked at 1,500 times does not grow" stays_small 1500 ask
cat "$out/growth"
tally "$passed" "$failed"
