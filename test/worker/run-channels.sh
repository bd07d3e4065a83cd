#!/usr/bin/env bash
# Sends e-mail, webhooks and push messages to fake peers on loopback that take them, refuse them and misbehave.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

name=channels
# shellcheck source=test/worker/support/harness.sh
. "$root/test/worker/support/harness.sh"

python=/usr/bin/python3 # Debian's, which has Debian's modules
libraries=$root/build/test-worker/library

# Installs, once, what test/worker/package.json names; where there is no registry, says what that means and fails.
install_libraries() {
    mkdir -p "$libraries"
    cp test/worker/package.json test/worker/package-lock.json "$libraries"
    [ ! -d "$libraries/node_modules/ical.js" ] || return 0
    (cd "$libraries" && timeout 120 npm ci --no-audit --no-fund --ignore-scripts) >"$out/npm.log" 2>&1 && return 0
    echo "SKIPPED: npm could not install the libraries, $1: $out/npm.log"
    return 1
}

# A certificate for 127.0.0.1 that nobody trusts unless told to.
make_certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
        -keyout "$out/key.pem" -out "$out/certificate.pem" 2>/dev/null
}

# mail USER_EMAIL TYPE [VARIABLE=value ...] notifies that member by e-mail alone and delivers.
mail() {
    local address=$1 type=$2
    shift 2
    put_off_retries
    sql -o /dev/null -c "INSERT INTO laurel.users (email) VALUES ('$address') ON CONFLICT DO NOTHING" \
        -c "SELECT laurel.notify(id, '$type', 'Title', 'Text', channels => '{email}') FROM laurel.users WHERE email = laurel.mail_address('$address')"
    once "$@"
}

# Puts off what other checks left to be tried again, so that it does not draw out the next round.
put_off_retries() {
    sql -c "UPDATE laurel.notification_deliveries SET due_at = due_at + interval '1 hour' WHERE state = 'ready' AND attempts > 0"
}

# hook TYPE [VARIABLE=value ...] sends one webhook of that type.
hook() {
    local type=$1
    shift
    put_off_retries
    notify "$type" webhook
    once "$@"
}

# at PATH prints the peer's URL of that path.
at() {
    echo "http://127.0.0.1:$(port http)$1"
}

message_is_whole() {
    local id
    sql -o /dev/null -c "UPDATE laurel.organizations SET settings = settings || '{\"notifications\": {\"unsubscribe_url\":
            \"https://example.org/leave\"}}'" \
        -c "INSERT INTO laurel.users (email, full_name) VALUES ('grete@example.org', 'Grête \"die\" Größte, Dr.')" \
        -c "SELECT laurel.notify(id, 'whole', 'Glückwunsch 🎉 日本語の件名はとても長いので、何行にも折り返されるはずです', E'.dot first\nFrom here\n..\nÜber 100 €', channels => '{email}')
            FROM laurel.users WHERE email = 'grete@example.org'"
    id=$(value "SELECT id FROM laurel.notification_deliveries WHERE channel = 'email'")
    once || return 1
    python3 "$support/read_message.py" "$out/mail/$id" "$id"
}

# An invitation goes to somebody who is not known, and its answer is what the mail says.
invitation_is_answered() {
    local invitation id token
    put_off_retries
    invitation=$(value "SELECT laurel.invite_member('new@example.org', organization_id => (SELECT id FROM laurel.organizations WHERE is_default))")
    id=$(value "SELECT id FROM laurel.notification_deliveries WHERE letter_id = '$invitation'")
    once || return 1
    token=$(python3 "$support/read_token.py" "$out/mail/$id" new@example.org) || return 1
    sql -o /dev/null -c "SELECT laurel.accept_invitation('$token')"
    is "$(value "SELECT status FROM laurel.invitations WHERE id = '$invitation'")" accepted &&
        is "$(value "SELECT count(*) FROM laurel.users WHERE email = 'new@example.org'")" 1
}

# mail_about TITLE: the one e-mail that is due with that title; printed is its id, once it has been sent.
mail_about() {
    local id
    id=$(value "SELECT d.id FROM laurel.notification_deliveries d JOIN laurel.notifications n ON n.id = d.notification_id WHERE d.channel = 'email' AND n.title LIKE '$1%'")
    once >&2 && echo "$id"
}

# What is sent is how it is when it is sent: an event that was moved meanwhile, and one that was cancelled.
invitation_opens_in_a_calendar() {
    local id
    put_off_retries
    sql -o /dev/null -f - <<'SQL'
INSERT INTO laurel.users (email, full_name) VALUES ('míra@example.org', E'Míra "M", Dr.\r\nBcc: x@example.org');
INSERT INTO laurel.activities (name) VALUES ('Yoga');
INSERT INTO laurel.events (activity_id, title, description, scheduled_date, ends_at)
SELECT id, 'Yoga; für alle, "draußen"', repeat(E'Zeile\n日本語\n', 100), now() + interval '1 day', now() + interval '25 hours' FROM laurel.activities;
SELECT laurel.invite_to_event(e.id, ARRAY[u.id]) FROM laurel.events e, laurel.users u WHERE u.email = 'míra@example.org';
UPDATE laurel.events SET location = 'Wiese';
DELETE FROM laurel.notification_deliveries d USING laurel.notifications n WHERE n.id = d.notification_id AND n.type = 'event_moved';
SQL
    id=$(mail_about Invitation) && "$python" "$support/read_invitation.py" "$out/mail/$id" "$out/request.ics" REQUEST 1 NEEDS-ACTION || return 1
    sql -c "UPDATE laurel.participations SET rsvp_status = 'going'" -c "UPDATE laurel.events SET status = 'cancelled'"
    id=$(mail_about Cancelled) && "$python" "$support/read_invitation.py" "$out/mail/$id" "$out/cancel.ics" CANCEL 2 ACCEPTED
}

# The library that programs of the web use, in the one version that is pinned.
invitation_is_read_by_the_library() {
    install_libraries "so nobody but Python has read a calendar" || return 0
    is "$(NODE_PATH="$libraries/node_modules" node "$support/read_calendar.cjs" "$out/request.ics")" 'REQUEST|Yoga; für alle, "draußen"|1|1|Míra "M", Dr./Bcc: x@example.org|NEEDS-ACTION' &&
        is "$(NODE_PATH="$libraries/node_modules" node "$support/read_calendar.cjs" "$out/cancel.ics")" 'CANCEL|Yoga; für alle, "draußen"|2|0|Míra "M", Dr./Bcc: x@example.org|ACCEPTED'
}

# Subjects, names and links of every kind, read by Python and measured byte by byte.
headers_are_folded_and_come_back_whole() {
    python3 "$support/odd_headers.py" write >"$out/odd.sql"
    sql -o /dev/null -f "$out/odd.sql"
    once || return 1
    python3 "$support/odd_headers.py" read "$out/mail"
}

# The server says that there is no such mailbox: no more mail goes there until the address changes.
addresses_that_bounce_get_no_more() {
    local count
    mail no-rcpt2@example.org bounced && like "$(fate bounced)" '^dead 1 550 5.1.1' || return 1
    is "$(value "SELECT code FROM laurel.suppressed_addresses WHERE email = 'no-rcpt2@example.org' AND suppressed_at IS NOT NULL")" 5.1.1 || return 1
    mail no-rcpt2@example.org again && like "$(fate again)" '^cancelled 0 the address is suppressed' || return 1
    count=$(env "${settings[@]}" "$program" status | grep -c 'suppressed addresses') && is "$count" 1 || return 1
    mail temp-data@example.org soft && is "$(value "SELECT count(*) FROM laurel.suppressed_addresses WHERE email = 'temp-data@example.org'")" 0 || return 1
    sql -c "UPDATE laurel.users SET email = 'known@example.org' WHERE email = 'no-rcpt2@example.org'"
    mail known@example.org mended && like "$(fate mended)" '^delivered'
}

# Neither the locale nor a library of names decides what a server is told.
names_of_hosts_are_ascii() {
    LC_ALL=C mail kim@bücher.example idn "LAUREL_MAIL_FROM=no-reply@lärm.example" || return 1
    like "$(fate idn)" '^delivered' && grep -q 'kim@xn--bcher-kva.example' "$out/smtp.seen" &&
        grep -lq '^Message-ID: <.*@xn--lrm-qla.example>' "$out"/mail/* &&
        ! grep -q "idn" < <(objdump -p "$program" | grep NEEDED)
}

header_injection_is_impossible() {
    local id
    sql -o /dev/null -c "INSERT INTO laurel.users (email, full_name) VALUES ('eve@example.org', E'Eve\r\nBcc: x@example.org')" \
        -c "SELECT laurel.notify(id, 'injected', E'Hi\r\nBcc: y@example.org\r\n\r\nBody', 'Text', channels => '{email}')
            FROM laurel.users WHERE email = 'eve@example.org'"
    id=$(value "SELECT id FROM laurel.notification_deliveries WHERE channel = 'email'")
    once || return 1
    python3 - "$out/mail/$id" <<'PYTHON'
import email, sys
message = email.message_from_binary_file(open(sys.argv[1], "rb"))
assert message["Bcc"] is None and "Bcc" in message["Subject"] and "eve@example.org" in message["To"], message.as_string()
PYTHON
}

temporary_refusals_are_retried() {
    mail temp-rcpt@example.org temp_rcpt && like "$(fate temp_rcpt)" '^ready 1 450 4.2.1 try later' &&
        mail temp-data@example.org temp_data && like "$(fate temp_data)" '^ready 1 451 4.3.0 not now'
}

permanent_refusals_are_final() {
    mail no-rcpt@example.org no_rcpt && like "$(fate no_rcpt)" '^dead 1 550 5.1.1 no such user' &&
        mail no-data@example.org no_data && like "$(fate no_data)" '^dead 1 554 5.7.1 not this'
}

# The server took the message, and the answer was lost: it is sent again under the same id.
lost_answer_repeats_the_same_id() {
    mail drop@example.org drop && like "$(fate drop)" '^ready 1' || return 1
    sql -c "UPDATE laurel.notification_deliveries SET due_at = now() WHERE state = 'ready'"
    once && [ "$(grep -c drop@ "$out/smtp.seen")" = 2 ] &&
        [ "$(grep drop@ "$out/smtp.seen" | awk '{ print $2 }' | sort -u | wc -l)" = 1 ]
}

unicode_addresses_work_or_say_why() {
    mail zoé@exämple.org utf8 && like "$(fate utf8)" '^delivered' &&
        mail zoé@example.org ascii_only "LAUREL_SMTP_URL=smtp://127.0.0.1:$(port plain)" &&
        like "$(fate ascii_only)" '^dead 1 553 .*SMTPUTF8'
}

mail_server_that_turns_us_away_is_not_final() {
    mail a@example.org greeting "LAUREL_SMTP_URL=smtp://127.0.0.1:$(port closed)" && like "$(fate greeting)" '^ready 1 554' &&
        mail a@example.org refused LAUREL_SMTP_URL=smtp://127.0.0.1:1 && like "$(fate refused)" '^ready 1 Failed to connect'
}

tls_is_used_checked_and_required() {
    local secure
    secure=LAUREL_SMTP_URL=smtp://127.0.0.1:$(port secure)
    mail a@example.org starttls "$secure" "LAUREL_CA_FILE=$out/certificate.pem" &&
        grep -q 'a@example.org tls' "$out/secure.seen" && like "$(fate starttls)" '^delivered' || return 1
    mail a@example.org untrusted "$secure" && like "$(fate untrusted)" '^ready 1 .*certificate' || return 1
    mail a@example.org not_offered LAUREL_SMTP_TLS=required && like "$(fate not_offered)" '^ready 1 .*STARTTLS' || return 1
    mail a@example.org smtps "LAUREL_SMTP_URL=smtps://127.0.0.1:$(port implicit)" \
        "LAUREL_CA_FILE=$out/certificate.pem" && like "$(fate smtps)" '^delivered'
}

wrong_password_is_not_final() {
    local url
    url=LAUREL_SMTP_URL=smtp://127.0.0.1:$(port auth)
    mail a@example.org signed_in "$url" LAUREL_SMTP_USER=laurel LAUREL_SMTP_PASSWORD=right && like "$(fate signed_in)" '^delivered' || return 1
    mail a@example.org wrong "$url" LAUREL_SMTP_USER=laurel LAUREL_SMTP_PASSWORD=wrong && like "$(fate wrong)" '^ready 1 535' || return 1
    mail a@example.org unsigned "$url" && like "$(fate unsigned)" '^ready 1 530'
}

check_finds_mail_server() {
    env "${settings[@]}" "$program" check || return 1
    ! env "${settings[@]}" LAUREL_SMTP_URL=smtp://127.0.0.1:1 "$program" check
}

webhook_is_signed() {
    hook signed && like "$(tail -n 1 "$out/http.seen")" '/ok signed1$'
}

# The library that receivers use, in the one version that is pinned. Without a registry there is nothing to ask.
webhook_is_verified_by_the_library() {
    local secret other
    install_libraries "so nobody but us has checked a signature" || return 0
    secret=$(endpoint http://127.0.0.1:1/verified verified)
    other=$(value "SELECT laurel.rotate_webhook_secret(id) FROM laurel.webhook_endpoints WHERE event_types = '{verified}'")
    background verifier verifier.out env NODE_PATH="$libraries/node_modules" WEBHOOK_SECRETS="$secret $other whsec_$(printf '%032d' 0 | base64)" \
        node "$support/verify_webhooks.cjs" "$out/verified.seen"
    within 10 test -s "$out/verifier.out" || return 1
    sql -c "UPDATE laurel.webhook_endpoints SET url = 'http://127.0.0.1:$(head -n 1 "$out/verifier.out")/verified' WHERE event_types = '{verified}'"
    hook verified && like "$(cat "$out/verified.seen")" '^[0-9a-f-]{36} /verified signed2 forged0$'
}

webhook_has_two_signatures_while_secret_is_replaced() {
    local secret
    secret=$(value "SELECT laurel.rotate_webhook_secret(id) FROM laurel.webhook_endpoints WHERE event_types = '{signed}'")
    [[ $secret == whsec_* ]] || return 1
    hook signed && like "$(tail -n 1 "$out/http.seen")" '/ok signed1$' || return 1
    peer both http_peer.py "WEBHOOK_SECRETS=$first_secret $secret" --
    sql -c "UPDATE laurel.webhook_endpoints SET url = 'http://127.0.0.1:$(port both)/ok' WHERE event_types = '{signed}'"
    hook signed && like "$(tail -n 1 "$out/both.seen")" '/ok signed2$'
}

gone_disables_endpoint() {
    hook gone && is "$(value "SELECT is_enabled FROM laurel.webhook_endpoints WHERE event_types = '{gone}'")" f &&
        like "$(fate gone)" '^dead'
}

retry_after_is_honoured() {
    hook throttled && like "$(fate throttled)" '^ready 1 HTTP 429' &&
        is "$(value "SELECT due_at - now() BETWEEN interval '80 s' AND interval '200 s' FROM laurel.notification_deliveries d
            JOIN laurel.notifications n ON n.id = d.notification_id WHERE n.type = 'throttled'")" t || return 1
    hook dated && is "$(value "SELECT due_at - now() BETWEEN interval '50 min' AND interval '2 h' FROM laurel.notification_deliveries d
            JOIN laurel.notifications n ON n.id = d.notification_id WHERE n.type = 'dated'")" t
}

redirects_are_not_followed() {
    hook redirected && like "$(fate redirected)" '^ready 1 HTTP 302' && ! grep -q ' /elsewhere' "$out/http.seen"
}

misbehaving_peers_are_retried() {
    hook broken && like "$(fate broken)" '^ready 1 HTTP 500: <b>no</b>' || return 1
    hook reset && like "$(fate reset)" '^ready 1 ' || return 1
    hook hanging && like "$(fate hanging)" '^ready 1 .*timed out'
}

# The status line said that it was taken.
success_is_success_whatever_follows() {
    local type
    for type in trickling endless short chunks garbled; do
        hook "$type" && like "$(fate "$type")" '^delivered 1' || return 1
    done
    within 5 grep -q 'endless was cut' "$out/http.seen"
}

reasons_are_readable() {
    hook zipped && like "$(fate zipped)" '^ready 1 HTTP 500: the ledger of the receiver is full$' || return 1
    hook deflated && like "$(fate deflated)" '^ready 1 HTTP 500: the ledger of the receiver is full$' || return 1
    hook strange && like "$(fate strange)" '^ready 1 HTTP 500: a reason in an encoding that cannot be read$' || return 1
    hook binary && like "$(fate binary)" '^ready 1 HTTP 500: 16 bytes of image/png$' || return 1
    hook latin && like "$(fate latin)" '^ready 1 HTTP 500: Empfänger nicht gefunden$' || return 1
    hook short_no && like "$(fate short_no)" '^ready 1 HTTP 500: thanks, but$'
}

private_addresses_are_refused() {
    local seen
    seen=$(wc -l <"$out/http.seen")
    hook signed LAUREL_WEBHOOK_ALLOW=10.0.0.0/8 && like "$(fate signed)" '^dead 1 the address 127.0.0.1 is not public' || return 1
    sql -c "UPDATE laurel.webhook_endpoints SET url = 'http://localhost:$(port http)/ok' WHERE event_types = '{named}'"
    hook named LAUREL_WEBHOOK_ALLOW=10.0.0.0/8 && like "$(fate named)" '^dead 1 the address (127.0.0.1|::1) is not public' || return 1
    # The push gateway may be private; its open connection must not let a webhook through.
    notify pushed push && hook signed LAUREL_WEBHOOK_ALLOW= "LAUREL_PUSH_URL=$(at /ok)" &&
        like "$(fate signed)" '^dead 1 the address' && is "$(wc -l <"$out/http.seen")" $((seen + 1))
}

plain_http_is_refused() {
    hook signed LAUREL_WEBHOOK_ALLOW_HTTP=false && like "$(fate signed)" '^dead 1 .*https://'
}

addresses_in_capitals() {
    sql -c "UPDATE laurel.webhook_endpoints SET url = replace('$(at /ok)', 'http://127.0.0.1', 'http://LOCALHOST') WHERE event_types = '{named}'"
    hook named LAUREL_WEBHOOK_ALLOW=127.0.0.0/8,::1/128 && like "$(fate named)" '^delivered'
}

https_is_checked() {
    hook secure && like "$(fate secure)" '^ready 1 .*certificate' || return 1
    clear_queue
    hook secure "LAUREL_CA_FILE=$out/certificate.pem" && like "$(fate secure)" '^delivered'
}

push_is_posted() {
    notify pushed push && once "LAUREL_PUSH_URL=$(at /ok)" && like "$(fate pushed)" '^delivered' &&
        is "$(grep -c '/ok plain$' "$out/http.seen")" 2
}

rate_is_kept() {
    local began=$EPOCHREALTIME
    sql -c "UPDATE laurel.webhook_endpoints SET rate_per_second = 5 WHERE event_types = '{rated}'"
    notify rated webhook 12
    once && is "$(grep -c /ok/rated "$out/http.seen")" 12 &&
        awk -v began="$began" -v ended="$EPOCHREALTIME" 'BEGIN { exit !(ended - began > 1) }'
}

redriving_sends_dead_letters_again() {
    sql -c "UPDATE laurel.notification_deliveries SET state = 'dead', attempts = 1 WHERE state = 'ready'"
    mail no-rcpt3@example.org again && like "$(fate again)" '^dead' || return 1
    sql -c "UPDATE laurel.users SET email = 'now-known@example.org' WHERE email = 'no-rcpt3@example.org'"
    env "${settings[@]}" "$program" redrive --channel email && once && like "$(fate again)" '^delivered'
}

find_server
prepare
make_certificate
settings=(LAUREL_MAIL_FROM=laurel@example.org 'LAUREL_MAIL_FROM_NAME=Laurel, Größe' LAUREL_WEBHOOK_ALLOW=127.0.0.0/8
    LAUREL_WEBHOOK_ALLOW_HTTP=true LAUREL_LOG_LEVEL=debug)
sql -c "INSERT INTO laurel.users (email) SELECT 'aa' || lpad(n::text, 2, '0') || '@example.org' FROM generate_series(1, 20) n"
peer smtp smtp_peer.py -- "$out/mail"
peer plain smtp_peer.py SMTP_UTF8=0 -- "$out/mail"
peer closed smtp_peer.py 'SMTP_GREETING=554 no service here' -- "$out/mail"
peer secure smtp_peer.py -- "$out/mail" "$out/certificate.pem" "$out/key.pem"
peer implicit smtp_peer.py SMTP_TLS=implicit -- "$out/mail" "$out/certificate.pem" "$out/key.pem"
peer auth smtp_peer.py SMTP_AUTH=laurel:right -- "$out/mail"
settings+=("LAUREL_SMTP_URL=smtp://127.0.0.1:$(port smtp)")

check "a message arrives whole, in any script" message_is_whole
check "headers are folded and come back whole" headers_are_folded_and_come_back_whole
check "a line end in a name or subject begins no header" header_injection_is_impossible
check "an invitation is answered with what its mail says" invitation_is_answered
check "an invitation to an event opens in a calendar, and its end too" invitation_opens_in_a_calendar
check "ical.js reads it as well" invitation_is_read_by_the_library
check "4xx is retried" temporary_refusals_are_retried
check "5xx is final" permanent_refusals_are_final
check "addresses that bounce get no more" addresses_that_bounce_get_no_more
check "names of hosts are ASCII" names_of_hosts_are_ascii
check "an answer lost after the message repeats the same id" lost_answer_repeats_the_same_id
check "addresses in any script are sent, or die with a reason" unicode_addresses_work_or_say_why
check "a mail server that turns the worker away is tried again" mail_server_that_turns_us_away_is_not_final
check "TLS is used, checked and required as told" tls_is_used_checked_and_required
check "a wrong password loses no message" wrong_password_is_not_final
check "check says whether the mail server serves" check_finds_mail_server

# The peer must know the first secret, so the endpoint is there before the peer.
first_secret=$(endpoint http://127.0.0.1:1/ok signed)
peer http http_peer.py "WEBHOOK_SECRETS=$first_secret" --
sql -c "UPDATE laurel.webhook_endpoints SET url = '$(at /ok)'"
peer https http_peer.py -- "$out/certificate.pem" "$out/key.pem"
for pair in gone=/status/410 throttled=/retry-after/100 dated=/retry-date redirected=/redirect/elsewhere broken=/status/500 \
    reset=/reset hanging=/hang trickling=/trickle endless=/endless short=/short/200 \
    chunks=/chunks/201 garbled=/garbled/204 short_no=/short/500 zipped=/zipped/gzip deflated=/zipped/deflate strange=/zipped/x-strange \
    binary=/binary latin=/latin named=/ok rated=/ok/rated; do
    endpoint "$(at "${pair#*=}")" "${pair%%=*}" >/dev/null
done
endpoint "https://127.0.0.1:$(port https)/ok" secure >/dev/null
sql -c "UPDATE laurel.webhook_endpoints SET timeout_ms = 700"

check "a webhook is signed as the specification says" webhook_is_signed
check "the library of Standard Webhooks verifies it" webhook_is_verified_by_the_library
check "410 disables the endpoint" gone_disables_endpoint
check "Retry-After is honoured, in seconds and as a date" retry_after_is_honoured
check "redirects are not followed" redirects_are_not_followed
check "500, a reset and silence are retried" misbehaving_peers_are_retried
check "2xx is success whatever its body does" success_is_success_whatever_follows
check "reasons are readable, or summed up" reasons_are_readable
check "scheme and host in any case" addresses_in_capitals
check "private addresses are refused before anything is sent" private_addresses_are_refused
check "http:// is refused unless allowed" plain_http_is_refused
check "certificates are checked" https_is_checked
check "push messages are posted" push_is_posted
check "an endpoint's rate is kept" rate_is_kept
check "two signatures while a secret is replaced" webhook_has_two_signatures_while_secret_is_replaced
check "dead letters can be sent again" redriving_sends_dead_letters_again
tally "$passed" "$failed"
