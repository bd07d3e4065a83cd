#!/usr/bin/env bash
# Rewards that another system hands out: it hears of each redemption by a webhook, whose id stays the same, and says that it did.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

name=rewards
# shellcheck source=test/worker/support/harness.sh
. "$root/test/worker/support/harness.sh"

# deliver [VARIABLE=value ...] tries what waits, however long it would.
deliver() {
    sql -c "UPDATE laurel.notification_deliveries SET due_at = now() WHERE state = 'ready'"
    once "$@"
}

# The webhook-ids that were seen for a redemption, each once, and how often.
ids_of() {
    awk -v redemption="$1" '$3 == redemption { print $2 }' "$out/warehouse.seen" | sort | uniq -c | awk '{ print $2, $1 }'
}

delivery_of() {
    value "SELECT coalesce((SELECT d.id FROM laurel.notification_deliveries d JOIN laurel.notifications n ON n.id = d.notification_id
            WHERE n.data ->> 'redemption_id' = '$1'), (SELECT DISTINCT a.delivery_id FROM laurel.delivery_attempts a
            JOIN laurel.notifications n ON n.id = a.notification_id WHERE n.data ->> 'redemption_id' = '$1'))"
}

redeem() {
    value "SELECT redemption_id FROM laurel.redeem((SELECT id FROM laurel.rewards WHERE name = '$1'), user_id => (SELECT id FROM laurel.users))"
}

status_of() {
    value "SELECT concat_ws(' ', status, fulfilment_reference) FROM laurel.redemptions WHERE id = '$1'"
}

redemption_is_handed_out_once() {
    local id
    mug=$(redeem Mug)
    deliver && is "$(status_of "$mug")" "fulfilled Parcel ${mug:0:8}" || return 1
    deliver && id=$(delivery_of "$mug") && is "$(ids_of "$mug")" "$id 2" && is "$(status_of "$mug")" "fulfilled Parcel ${mug:0:8}"
}

request_is_handed_out_once_it_is_approved() {
    local trip
    trip=$(redeem Trip)
    deliver && is "$(ids_of "$trip")" '' || return 1
    sql -o /dev/null -c "SELECT laurel.approve_redemption('$trip')"
    deliver && deliver && is "$(ids_of "$trip")" "$(delivery_of "$trip") 2" && is "$(status_of "$trip")" "fulfilled Parcel ${trip:0:8}"
}

code_is_nobody_elses() {
    local ticket
    ticket=$(redeem Ticket)
    deliver && deliver && is "$(status_of "$ticket")" fulfilled && grep -q "$ticket not ours$" "$out/warehouse.seen" && ! grep -q CODE "$out/warehouse.seen"
}

redrive_has_the_same_id() {
    local lamp id
    sql -c "UPDATE laurel.webhook_endpoints SET url = replace(url, '/open', '/closed')"
    lamp=$(redeem Mug)
    deliver && id=$(delivery_of "$lamp") && is "$(status_of "$lamp")" approved || return 1
    sql -c "UPDATE laurel.notification_deliveries SET state = 'dead' WHERE id = '$id'" \
        -c "UPDATE laurel.webhook_endpoints SET url = replace(url, '/closed', '/open')"
    env "${settings[@]}" "$program" redrive --id "$id" || return 1
    deliver && deliver && is "$(ids_of "$lamp" | cut -d ' ' -f 1)" "$id" && is "$(status_of "$lamp")" "fulfilled Parcel ${lamp:0:8}"
}

cancelled_meanwhile_is_not_sent() {
    local late
    late=$(redeem Mug)
    sql -o /dev/null -c "SELECT laurel.cancel_redemption('$late')"
    deliver && grep -q "$late ERROR:  PT409$" "$out/warehouse.seen" && is "$(status_of "$late")" cancelled
}

find_server
prepare
settings=(LAUREL_MAIL_FROM=laurel@example.org LAUREL_WEBHOOK_ALLOW=127.0.0.0/8 LAUREL_WEBHOOK_ALLOW_HTTP=true LAUREL_LOG_LEVEL=debug)
peer warehouse warehouse.py PATH="$bindir:$PATH" --
sql -o /dev/null -c "INSERT INTO laurel.users (email) VALUES ('ana@example.org')" \
    -c "UPDATE laurel.organizations SET settings = settings || '{\"notifications\": {\"channels\": {\"email\": false}}}'" \
    -c "SELECT laurel.record_points_transaction(id, 10000, 'bonus', reason => 'r') FROM laurel.users" \
    -c "INSERT INTO laurel.rewards (organization_id, name, price, needs_approval, fulfilment) SELECT organization_id, v.* FROM laurel.users,
        (VALUES ('Mug', 10, false, 'manual'), ('Trip', 10, true, 'manual'), ('Ticket', 10, false, 'voucher')) v" \
    -c "INSERT INTO laurel.reward_vouchers (organization_id, reward_id, code) SELECT organization_id, id, 'CODE' FROM laurel.rewards WHERE name = 'Ticket'" \
    -c "SELECT laurel.create_webhook_endpoint('http://127.0.0.1:$(port warehouse)/open', '{reward_redeemed, reward_approved}', allow_insecure => true)"

check "what is redeemed is handed out once, though the answer is lost" redemption_is_handed_out_once
check "what is requested, once it is approved" request_is_handed_out_once_it_is_approved
check "a code is left to itself, and in no message" code_is_nobody_elses
check "a message that is redriven has the same id" redrive_has_the_same_id
check "what was cancelled meanwhile is refused" cancelled_meanwhile_is_not_sent
tally "$passed" "$failed"
