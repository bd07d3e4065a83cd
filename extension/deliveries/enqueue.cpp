// Deliveries are made in the statement that inserts notifications, for all of them at once.

#include "deliveries/digests.h"
#include "deliveries/wake.h"
#include "notifications/channels.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/column.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::deliveries {

using notifications::kChannelNames;
using notifications::kEmail;
using notifications::kPush;

namespace {

constexpr TriggerSpec kMake = {"make_deliveries", TriggerSpec::After, TriggerSpec::EachStatement,
                               TriggerSpec::Insert};
constexpr TriggerSpec kForget = {"forget_deliveries", TriggerSpec::After, TriggerSpec::EachStatement,
                                 TriggerSpec::Delete};

// $1 is now. Its joins are outer ones, though foreign keys let none fail, and its condition is one CASE, so
// that the planner expects about as many rows as come. Inserts what goes out by itself and returns what is
// left to do: digests to join (with the end of their window), notifications kept out of the application, and
// in a row of its own how many deliveries are due now.
SizedStatement make_deliveries =
    SizedStatement(
        R"(WITH news AS MATERIALIZED (SELECT n.id, n.organization_id, n.user_id, n.type, n.priority,
        n.channels,
            p.notification_preferences AS preferences, o.settings -> 'notifications' AS defaults,
            coalesce(p.time_zone, o.time_zone) AS time_zone, u.is_active, u.email_verified
        FROM new_rows n LEFT JOIN ONLY laurel.users u ON u.id = n.user_id
        LEFT JOIN ONLY laurel.organizations o ON o.id = n.organization_id
        LEFT JOIN ONLY laurel.user_preferences p ON p.user_id = n.user_id
        WHERE CASE WHEN n.is_read THEN false ELSE n.created_at > $1 - interval '1 day' END ORDER BY n.id),
        planned AS MATERIALIZED (SELECT n.id, n.organization_id, n.user_id, n.priority, c.channel,
            n.preferences, n.defaults, n.time_zone, CASE WHEN n.priority > 0 AND c.channel <> 'in_app' THEN
            laurel_internal.digest_end(c.channel, n.type, $1, n.preferences, n.defaults, n.time_zone) END AS
        digest_end
        FROM news n CROSS JOIN (VALUES ('email'), ('push'), ('in_app')) c (channel)
        WHERE laurel_internal.is_wanted(c.channel, n.type, n.channels, n.preferences, n.defaults)
            = (c.channel <> 'in_app')
            AND (c.channel = 'in_app' OR n.is_active)
            AND (c.channel <> 'email' OR n.email_verified OR n.defaults -> 'verified_only' IS DISTINCT FROM
        'true')),
        made AS (INSERT INTO laurel.notification_deliveries
            (organization_id, user_id, notification_id, channel, endpoint_id, priority, due_at)
        SELECT p.organization_id, p.user_id, p.id, p.channel, NULL, p.priority, CASE WHEN p.priority = 0
        THEN
        $1
            ELSE laurel_internal.quiet_until($1, p.preferences, p.defaults, p.time_zone) END
            FROM planned p WHERE p.digest_end IS NULL AND p.channel <> 'in_app'
        UNION ALL SELECT n.organization_id, n.user_id, n.id, 'webhook', e.id, n.priority, $1
            FROM news n JOIN ONLY laurel.webhook_endpoints e ON e.organization_id = n.organization_id AND
        e.is_enabled
            AND (e.event_types = '{}' OR n.type = ANY (e.event_types))
            AND (e.user_id IS NULL AND (n.channels IS NULL OR 'webhook' = ANY (n.channels)) OR e.user_id =
        n.user_id
            AND n.is_active AND laurel_internal.is_wanted('webhook', n.type, n.channels, n.preferences,
        n.defaults))
        RETURNING due_at)
        SELECT p.id, p.organization_id, p.user_id, p.channel, p.digest_end,
            laurel_internal.quiet_until(p.digest_end, p.preferences, p.defaults, p.time_zone), NULL::bigint
        FROM planned p WHERE p.digest_end IS NOT NULL OR p.channel = 'in_app'
        UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, pg_catalog.count(*) FILTER (WHERE due_at <=
        $1)
        FROM made)",
        TIMESTAMPTZOID)
        .Returns(UUIDOID, UUIDOID, UUIDOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID);

// Read when it is written: what its reader has read meanwhile has another time.
Statement
    keep_out("UPDATE ONLY laurel.notifications SET is_read = true, read_at = created_at WHERE id = ANY ($1)",
             UUIDARRAYOID);

Statement
    forget_dead(R"(DELETE FROM ONLY laurel.notification_deliveries d USING old_rows o WHERE d.state = 'dead'
        AND d.organization_id = o.organization_id AND d.user_id = o.user_id)");

// What the statement leaves to do.
struct Rest {
    DigestEntry *digests;
    int digest_count = 0;
    Column kept_out;
    int64 due = 0;

    explicit Rest(uint64 rows) : digests(NewList<DigestEntry>(rows)), kept_out(UUIDOID, rows) {}
};

// The channel of a digest, which is an e-mail or a push, as a text that needs no memory.
const char *
DigestChannel(std::string_view name) {
    return kChannelNames[notifications::ChannelNamed(name) == kEmail ? kEmail : kPush];
}

void
Take(uint64 number, Rest *rest) {
    Row row(number);
    bool is_count, no_end;
    const Datum id = row.Next(&is_count);
    if (is_count) {
        rest->due = DatumGetInt64(Field(number, 7));
        return;
    }
    DigestEntry entry = {};
    entry.notification = ToUuid(id);
    entry.organization = ToUuid(row.Next());
    entry.user = ToUuid(row.Next());
    entry.channel = DigestChannel(ToText(row.Next()));
    entry.end = DatumGetTimestampTz(row.Next(&no_end));
    if (no_end) {
        rest->kept_out.Add(id);
        return;
    }
    entry.due_at = DatumGetTimestampTz(row.Next());
    rest->digests[rest->digest_count++] = entry;
}

Rest
MakeDeliveries(int64 new_rows, TimestampTz now) {
    const uint64 rows = make_deliveries.Run(new_rows, TimestampTzGetDatum(now));
    Rest rest(rows);
    for (uint64 row = 0; row < rows; row++)
        Take(row, &rest);
    return rest;
}

} // namespace

// Makes the deliveries of new notifications. A restore copies both before the trigger is there.
LAUREL_FUNCTION(laurel_make_deliveries) {
    TriggerData *trigger = CheckTrigger(fcinfo, kMake);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const TimestampTz now = GetCurrentTimestamp();
    const AsOwner owner(trigger->tg_relation->rd_rel->relowner);
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const Rest rest = MakeDeliveries(rows, now);
    if (rest.kept_out.count() > 0)
        keep_out.Run(Access::Write, {rest.kept_out.Array()});
    JoinDigests(rest.digests, rest.digest_count);
    if (rest.due > 0)
        WakeWorkers();
    return PointerGetDatum(nullptr);
}

// The dead deliveries of members who are gone say nothing to anybody. A restore deletes nothing.
LAUREL_FUNCTION(laurel_forget_deliveries) {
    TriggerData *trigger = CheckTrigger(fcinfo, kForget);
    if (RowsOf(trigger->tg_oldtable) == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(trigger->tg_relation->rd_rel->relowner);
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    forget_dead.Run(Access::Write);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::deliveries
