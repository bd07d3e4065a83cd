#!/usr/bin/env bash
# What bounds a worker: where webhooks may go, how fast and how many at once, how much memory it takes, what digests hold.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

name=limits
# shellcheck source=test/worker/support/harness.sh
. "$root/test/worker/support/harness.sh"

# hook TYPE URL [VARIABLE=value ...] sends one webhook of that type there.
hook() {
    local type=$1
    sql -o /dev/null -c "SELECT laurel.create_webhook_endpoint('$2', ARRAY['$type'], allow_insecure => true)"
    shift 2
    notify "$type" webhook
    once "$@"
}

# mail ADDRESS TYPE [VARIABLE=value ...] notifies that member by e-mail alone and delivers.
mail() {
    local address=$1 type=$2
    shift 2
    sql -o /dev/null -c "INSERT INTO laurel.users (email) VALUES ('$address') ON CONFLICT DO NOTHING" \
        -c "SELECT laurel.notify(id, '$type', 'Title', 'Text', channels => '{email}') FROM laurel.users WHERE email = '$address'"
    once "$@"
}

is_leased() {
    [ "$(value "SELECT count(*) FROM laurel.notification_deliveries WHERE state = 'leased'")" -ge "$1" ]
}

# Whatever else is late, webhooks to another peer go out at once.
others_are_served() {
    notify fast webhook 20
    within 3 all_arrived
}

hanging_mail_server_holds_up_nobody() {
    clear_queue
    sql -o /dev/null -c "SELECT laurel.notify(id, 'stuck', 'Title', channels => '{email}') FROM laurel.users, generate_series(1, 5) WHERE email = 'hang@example.org'"
    worker patient LAUREL_SHUTDOWN_GRACE=1s
    within 5 is_leased 5 && sleep 1 && others_are_served && stop patient TERM 3 || return 1
    is "$(value "SELECT state || ' ' || max(attempts) || ' ' || count(*) FROM laurel.notification_deliveries GROUP BY state")" 'ready 0 5'
}

# Twenty mails, half a second each, over ten connections.
slow_mail_server_is_used_side_by_side() {
    clear_queue
    sql -o /dev/null -c "SELECT laurel.notify(id, 'slow', 'Title', channels => '{email}') FROM laurel.users WHERE email LIKE 'slow1%@example.org' ORDER BY email LIMIT 20"
    timeout 4 env "${settings[@]}" "$program" run --once && queue_is_empty
}

# As another worker's claim does, which gives the row back.
what_others_hold_is_looked_at_again_soon() {
    clear_queue
    sql -o /dev/null -c "SELECT laurel.notify(id, 'held', 'Title', channels => '{email}') FROM laurel.users WHERE email = 'slow1@example.org'"
    background holder holder.log psql -X -q -c 'BEGIN; SELECT FROM laurel.notification_deliveries FOR UPDATE; SELECT pg_sleep(1.5); ROLLBACK'
    sleep 0.5
    timeout 10 env "${settings[@]}" LAUREL_POLL=30s LAUREL_LEASE=5m "$program" run --once && queue_is_empty
}

hanging_name_server_holds_up_nobody() {
    clear_queue
    gcc -shared -fPIC -o "$out/slow_names.so" "$support/slow_names.c" -ldl
    value "SELECT laurel.create_webhook_endpoint('http://slow.example.org/', '{nowhere}', allow_insecure => true)" >/dev/null
    sql -c "UPDATE laurel.webhook_endpoints SET timeout_ms = 300 WHERE event_types = '{nowhere}'"
    worker patient "LD_PRELOAD=$out/slow_names.so"
    notify nowhere webhook
    within 5 failed_once nowhere && others_are_served && stop patient TERM 3
}

failed_once() {
    [[ $(fate "$1") =~ ^ready\ 1\  ]]
}

# Claims that the server refuses wait, longer each time; the outcomes of what is under way are told meanwhile.
refused_claims_hold_up_no_outcome() {
    clear_queue
    : >"$out/patient.log"
    worker patient
    within 5 grep -q ' begins;' "$out/patient.log" || return 1
    sql -o /dev/null -c "SELECT laurel.notify(id, 'slow', 'Title', channels => '{email}') FROM laurel.users WHERE email LIKE 'slow2%@example.org' ORDER BY email LIMIT 5"
    within 5 is_leased 5 || return 1
    sql -c "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no lease today''; END'" \
        -c 'CREATE TRIGGER refuse BEFORE INSERT ON laurel.delivery_leases FOR EACH ROW EXECUTE FUNCTION public.refuse()'
    notify fast webhook
    within 5 grep -q 'nothing is claimed for' "$out/patient.log" && within 5 has_delivered slow 5 && is "$(fate fast)" 'ready 0' || return 1
    sql -c 'DROP TRIGGER refuse ON laurel.delivery_leases' -c 'DROP FUNCTION public.refuse()'
    within 30 all_arrived && stop patient TERM 3
}

# has_delivered TYPE COUNT
has_delivered() {
    [ "$(value "SELECT count(*) FROM laurel.delivery_attempts a JOIN laurel.notifications n ON n.id = a.notification_id
        WHERE n.type = '$1' AND a.outcome = 'delivered' AND a.finished_at > now() - interval '20 seconds'")" -ge "$2" ]
}

# Every spelling of an address that is not public; nothing reaches the peer, which listens on all of them.
no_spelling_leads_inside() {
    local host number=0 seen
    seen=$(wc -l <"$out/http.seen")
    for host in 127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 0.0.0.0 0 localhost '[::1]' '[::]' \
        '[::ffff:127.0.0.1]' '[::ffff:7f00:1]' '[0:0:0:0:0:ffff:7f00:0001]' '[::127.0.0.1]' '[64:ff9b::127.0.0.1]' '[fe80::1]' \
        169.254.169.254 192.168.0.1 '[fd00::1]'; do
        number=$((number + 1))
        hook "inside$number" "http://$host:$(port http)/ok" LAUREL_WEBHOOK_ALLOW=10.0.0.0/8 || return 1
        like "$host: $(fate "inside$number")" ': dead 1 the address .* is not public' || return 1
    done
    is "$(wc -l <"$out/http.seen")" "$seen"
}

proxies_of_the_environment_are_passed_over() {
    local proxy
    proxy=http://127.0.0.1:$(port proxy)
    hook direct "http://127.0.0.1:$(port http)/ok" "http_proxy=$proxy" "HTTP_PROXY=$proxy" "https_proxy=$proxy" "ALL_PROXY=$proxy" &&
        mail direct@example.org direct "ALL_PROXY=socks5h://127.0.0.1:$(port proxy)" "all_proxy=$proxy" &&
        like "$(fate direct)" '^delivered' && is "$(wc -l <"$out/proxy.seen")" 0 &&
        is "$(value "SELECT count(*) FROM laurel.delivery_attempts WHERE outcome = 'delivered'")" 2
}

peers_that_speak_no_http_are_tried_again() {
    hook babbling "http://127.0.0.1:$(port smtp)/" && like "$(fate babbling)" '^ready 1 '
}

peers_without_tls_are_tried_again() {
    hook plain "https://127.0.0.1:$(port http)/ok" && like "$(fate plain)" '^ready 1 .*(SSL|TLS)' &&
        hook chatty "https://127.0.0.1:$(port smtp)/" && like "$(fate chatty)" '^ready 1 .*(SSL|TLS)'
}

# The line with 200 came before it.
header_without_end_is_cut() {
    hook flooding "http://127.0.0.1:$(port http)/headers" && like "$(fate flooding)" '^delivered 1' &&
        within 5 grep -q 'headers were cut' "$out/http.seen"
}

silent_mail_servers_are_tried_again() {
    mail hang@example.org hanging LAUREL_SMTP_TIMEOUT=1s && like "$(fate hanging)" '^ready 1 .*time' &&
        mail a@example.org silent "LAUREL_SMTP_URL=smtp://127.0.0.1:$(port http)" LAUREL_SMTP_TIMEOUT=1s && like "$(fate silent)" '^ready 1 .*time'
}

# Starts so many workers, waits until the peer has everything and stops them.
share() {
    local count=$1 number
    for ((number = 1; number <= count; number++)); do
        worker "shared$number"
    done
    within 30 all_arrived && within 10 queue_is_empty || return 1
    for ((number = 1; number <= count; number++)); do
        stop "shared$number" || return 1
    done
}

all_arrived() {
    [ "$(arrived http)" -ge "$(wc -l <"$out/expected")" ]
}

# Thirty at five a second, of which five at once: five seconds, whoever sends them.
workers_share_a_rate() {
    clear_queue
    value "SELECT laurel.create_webhook_endpoint('http://127.0.0.1:$(port http)/ok/rated', '{rated}', allow_insecure => true)" >/dev/null
    sql -c "UPDATE laurel.webhook_endpoints SET rate_per_second = 5 WHERE event_types = '{rated}'"
    notify rated webhook 30
    share 4 && grep /ok/rated "$out/http.seen" |
        awk '{ at[NR] = $1 } END { print NR, at[NR] - at[1]; for (i = 11; i <= NR; i++) if (at[i] - at[i - 10] < 0.7) bad = 1; exit bad || NR != 30 || at[NR] - at[1] < 4.5 }'
}

workers_share_a_concurrency() {
    clear_queue
    value "SELECT laurel.create_webhook_endpoint('http://127.0.0.1:$(port http)/busy/0.2', '{busy}', allow_insecure => true)" >/dev/null
    sql -c "UPDATE laurel.webhook_endpoints SET max_concurrency = 3 WHERE event_types = '{busy}'"
    notify busy webhook 40
    share 4 && is "$(awk '$3 == "at-once" && $4 > most { most = $4 } END { print most }' "$out/http.seen")" 3
}

# flood LETTER CHANNEL PEERS COUNT lets an organization tell its member so many things, by that channel or to so many endpoints
# that never answer.
flood() {
    sql -o /dev/null -c "INSERT INTO laurel.organizations (name, slug) VALUES ('Flood $1', 'flood-$1') ON CONFLICT DO NOTHING" \
        -c "INSERT INTO laurel.users (organization_id, email) SELECT id, 'slow-$1@example.org' FROM laurel.organizations WHERE slug = 'flood-$1' ON CONFLICT DO NOTHING" \
        -c "SELECT laurel.create_webhook_endpoint('http://127.0.0.1:$(port http)/hang/' || n, '{flood}', o.id, allow_insecure => true)
            FROM laurel.organizations o, generate_series(1, $3) n WHERE slug = 'flood-$1'" \
        -c "UPDATE laurel.organizations SET webhook_concurrency_limit = 1000, webhook_timeout_limit_ms = 60000, webhooks_under_way_limit = 1000 WHERE slug = 'flood-$1'" \
        -c "UPDATE laurel.webhook_endpoints SET max_concurrency = 1000, timeout_ms = 60000 WHERE event_types = '{flood}'" \
        -c "INSERT INTO laurel.notifications (organization_id, user_id, type, title, channels)
            SELECT organization_id, id, 'flood', 'Flood', '{$2}' FROM laurel.users, generate_series(1, $4) WHERE email = 'slow-$1@example.org'"
}

stop_flood() {
    stop flooded TERM 3 && clear_queue && sql -c "DELETE FROM laurel.webhook_endpoints WHERE event_types = '{flood}'"
}

# 100,000 webhooks of one organization to an endpoint that never answers; then three more organizations with ten such each.
hanging_endpoints_of_others_delay_nobody() {
    local letter
    clear_queue
    flood a webhook 1 100000
    worker flooded LAUREL_SHUTDOWN_GRACE=0s LAUREL_LEASE=20s LAUREL_POLL=1s
    within 10 is_leased 200 && served_in_time || return 1
    for letter in b c d; do
        flood "$letter" webhook 10 100
        sleep 1
        served_in_time || return 1
    done
    is "$(value "SELECT max(many) <= 200 AND sum(many) <= 400 FROM (SELECT count(*) AS many FROM laurel.notification_deliveries
        WHERE state = 'leased' GROUP BY organization_id) held")" t && stop_flood
}

# A flood of e-mails over ten connections, half a second each.
mails_of_others_delay_nobody() {
    clear_queue
    flood a email 0 100000
    : >"$out/smtp.seen"
    worker flooded LAUREL_SHUTDOWN_GRACE=0s LAUREL_LEASE=20s LAUREL_POLL=1s
    within 10 mails_arrived 20 || return 1
    sql -o /dev/null -c "SELECT laurel.notify(id, 'other', 'Other', channels => '{email}') FROM laurel.users WHERE email = 'aa1@example.org'"
    within 2 grep -q aa1@ "$out/smtp.seen" && stop_flood
}

served_in_time() {
    notify fast webhook 5
    within 2 all_arrived
}

# The most memory that a worker has had, in MB.
memory() {
    awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$(pgrep -P "$(cat "$out/$1.pid")" || cat "$out/$1.pid")/status"
}

takes_less_than() {
    local memory
    memory=$(memory "$1")
    echo "$memory MB"
    [ "$memory" -lt "$2" ]
}

long_queue_takes_no_memory() {
    clear_queue
    notify long email 100
    sql -c "INSERT INTO laurel.notification_deliveries (organization_id, notification_id, user_id, channel, due_at)
        SELECT organization_id, id, user_id, 'push', now() FROM laurel.notifications, generate_series(1, 1000) WHERE type = 'long'"
    is "$(value "SELECT count(*) FROM laurel.notification_deliveries")" 100100 || return 1
    worker drain LAUREL_NOOP=true
    within 60 queue_is_empty && takes_less_than drain 60 && stop drain
}

# 1,200 mails of half a megabyte for a server that takes twenty a second.
large_messages_take_bounded_memory() {
    clear_queue
    sql -c "INSERT INTO laurel.notification_templates (type, channel, subject, body_text, body_html)
            VALUES ('large', 'email', '{{title}}', repeat('{{message}}', 12), repeat('{{message}}', 12))" \
        -c "INSERT INTO laurel.notifications (user_id, type, title, message, channels)
            SELECT id, 'large', 'Large', repeat('0123456789', 2000), '{email}' FROM laurel.users, generate_series(1, 4) WHERE email LIKE 'slow%'"
    is "$(value "SELECT count(*) FROM laurel.notification_deliveries")" 1200 || return 1
    worker hoarder LAUREL_IN_FLIGHT=5000 LAUREL_BATCH=1000 LAUREL_STATEMENT_TIMEOUT=20s
    within 30 mails_arrived 160 && takes_less_than hoarder 200 && stop hoarder || return 1
    is "$(value "SELECT count(*) FROM laurel.notification_deliveries WHERE state = 'leased'")" 0
    clear_queue
}

mails_arrived() {
    [ "$(grep -c slow "$out/smtp.seen")" -ge "$1" ]
}

# Tells everybody whose name begins with slow something that waits for a digest, and ends its window.
digest() {
    sql -c "INSERT INTO laurel.notifications (user_id, type, title, channels) SELECT id, 'digested', '$1 of ' || email || ';', '{email}' FROM laurel.users WHERE email LIKE 'slow%'"
}

end_windows() {
    sql -c "UPDATE laurel.notification_deliveries SET due_at = now() WHERE state = 'ready' AND digest_key IS NOT NULL"
}

# Two workers, one of which is killed, while more is told: each notification is in exactly one digest, whatever came twice.
digests_lose_and_repeat_nothing() {
    local held
    clear_queue
    rm -f "$out"/mail/*
    : >"$out/smtp.seen"
    sql -c "UPDATE laurel.user_preferences SET notification_preferences = '{\"digest\": {\"email\": {\"window\": \"1 day\"}}}'
            FROM laurel.users u WHERE u.id = user_id AND u.email LIKE 'slow%'"
    digest first
    digest second
    sql -o "$out/expected" -c "SELECT id FROM laurel.notification_deliveries ORDER BY id"
    is "$(wc -l <"$out/expected")" 300 || return 1
    end_windows
    worker victim LAUREL_SMTP_CONNECTIONS=40
    worker heir LAUREL_SMTP_CONNECTIONS=40
    within 10 mails_arrived 30 || return 1
    digest third
    signal victim KILL
    held=$(held_by victim)
    within 30 digests_left 300 || return 1
    arrivals smtp "$held" || return 1
    end_windows
    within 30 digests_left 0 && stop heir || return 1
    python3 - "$out/mail" <<'PYTHON'
import collections, email, email.policy, os, re, sys
told = collections.Counter()
for name in os.listdir(sys.argv[1]):
    with open(os.path.join(sys.argv[1], name), "rb") as file:
        text = email.message_from_binary_file(file, policy=email.policy.default).get_body(("plain",)).get_content()
    told.update(re.findall(r"(?:first|second|third) of \S+;", text))
assert len(told) == 900 and set(told.values()) == {1}, (len(told), [title for title, count in told.items() if count > 1][:5])
PYTHON
}

digests_left() {
    [ "$(value "SELECT count(*) FROM laurel.notification_deliveries")" = "$1" ] && [ "$(value "SELECT count(*) FROM laurel.delivery_leases")" = 0 ]
}

find_server
prepare
settings=(LAUREL_MAIL_FROM=laurel@example.org LAUREL_WEBHOOK_ALLOW=127.0.0.0/8 LAUREL_WEBHOOK_ALLOW_HTTP=true LAUREL_LEASE=4s LAUREL_POLL=500ms)
sql -c "INSERT INTO laurel.users (email) SELECT 'aa' || n || '@example.org' FROM generate_series(1, 100) n" \
    -c "INSERT INTO laurel.users (email) SELECT 'slow' || n || '@example.org' FROM generate_series(1, 300) n"
peer smtp smtp_peer.py -- "$out/mail"
peer http http_peer.py --
peer proxy http_peer.py --
settings+=("LAUREL_SMTP_URL=smtp://127.0.0.1:$(port smtp)")
value "SELECT laurel.create_webhook_endpoint('http://127.0.0.1:$(port http)/ok', '{fast}', allow_insecure => true)" >/dev/null

check "no spelling of an address leads inside" no_spelling_leads_inside
check "proxies of the environment are passed over" proxies_of_the_environment_are_passed_over
check "peers that refuse TLS are tried again" peers_without_tls_are_tried_again
check "peers that speak no HTTP are tried again" peers_that_speak_no_http_are_tried_again
check "a header without end is cut" header_without_end_is_cut
check "mail servers that fall silent are tried again" silent_mail_servers_are_tried_again
check "a mail server that hangs holds up nobody, nor the worker's end" hanging_mail_server_holds_up_nobody
check "a slow mail server is used side by side" slow_mail_server_is_used_side_by_side
check "what another claim holds is looked at again soon" what_others_hold_is_looked_at_again_soon
check "a name server that hangs holds up nobody" hanging_name_server_holds_up_nobody
check "refused claims hold up no outcome, and end" refused_claims_hold_up_no_outcome
check "four workers keep one endpoint's rate" workers_share_a_rate
check "four workers keep one endpoint's concurrency" workers_share_a_concurrency
check "100,000 queued deliveries take no memory" long_queue_takes_no_memory
check "large messages take bounded memory" large_messages_take_bounded_memory
check "digests lose and repeat nothing, with two workers of which one is killed" digests_lose_and_repeat_nothing
check "hanging endpoints of other organizations delay nobody" hanging_endpoints_of_others_delay_nobody
check "a flood of e-mails of another organization delays nobody" mails_of_others_delay_nobody
tally "$passed" "$failed"
