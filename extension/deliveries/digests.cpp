#include "deliveries/digests.h"

#include <cstdlib>

#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/error.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// More windows than this are never on their way at once.
constexpr int kMostRounds = 20;

// From 1970 to 2000, in seconds.
constexpr int64 kUnixEpoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * int64{SECS_PER_DAY};

constexpr SqlText kEntries =
    R"(ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),
        pg_catalog.unnest($5), pg_catalog.unnest($6))
        e (notification_id, organization_id, user_id, channel, digest_key, due_at))";

constexpr Oid kEntryTypes[] = {UUIDARRAYOID, UUIDARRAYOID, UUIDARRAYOID,
                               TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID};

// In the order of their key, so that two transactions wait for each other in one direction only.
Statement open_digests =
    Statement(
        Sql<R"(INSERT INTO laurel.notification_deliveries (organization_id, user_id, channel, due_at, digest_key)
        SELECT e.organization_id, e.user_id, e.channel, pg_catalog.min(e.due_at), e.digest_key
        FROM {1} GROUP BY e.organization_id, e.user_id, e.channel, e.digest_key
        ORDER BY e.organization_id, e.digest_key
        ON CONFLICT (organization_id, digest_key) WHERE digest_key IS NOT NULL DO NOTHING
        RETURNING organization_id, digest_key)",
            kEntries>,
        kEntryTypes)
        .Returns(UUIDOID, TEXTOID)
        .Custom();

Statement drop_digests(
    R"(DELETE FROM ONLY laurel.notification_deliveries d
        USING ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) e (organization_id, digest_key)
        WHERE d.organization_id = e.organization_id AND d.digest_key = e.digest_key)",
    UUIDARRAYOID, TEXTARRAYOID);

// One by one, by the key alone: IS TRUE keeps the planner from combining indexes while it knows no better.
// The lock keeps claims away until this transaction ends (they skip what they cannot lock for update) and
// lets others join meanwhile.
Statement join_digests =
    Statement(Sql<R"(WITH joined AS MATERIALIZED (SELECT e.notification_id, e.organization_id, e.channel, d.id
        FROM {1} CROSS JOIN LATERAL (SELECT p.id FROM ONLY laurel.notification_deliveries p
        WHERE p.organization_id = e.organization_id AND p.digest_key = e.digest_key
        AND (p.state = 'ready' AND p.attempts = 0) IS TRUE LIMIT 1 FOR KEY SHARE) d),
        noted AS (INSERT INTO laurel.digest_items (delivery_id, notification_id, organization_id)
        SELECT id, notification_id, organization_id FROM joined)
        SELECT notification_id, channel FROM joined)",
                  kEntries>,
              kEntryTypes)
        .Returns(UUIDOID, TEXTOID)
        .Custom();

// The windows after those that ended too early. Who wants no digest any more gets one within the hour.
Statement next_windows =
    Statement(
        R"(SELECT w.ordinality, w.digest_end, laurel_internal.quiet_until(w.digest_end, w.preferences,
        w.defaults,
        w.time_zone)
        FROM (SELECT e.ordinality, p.notification_preferences AS preferences, o.settings ->
        'notifications' AS
        defaults,
            coalesce(p.time_zone, o.time_zone) AS time_zone,
            coalesce(laurel_internal.digest_end(e.channel, n.type, e.closed_at, p.notification_preferences,
            o.settings -> 'notifications', coalesce(p.time_zone, o.time_zone)),
            e.closed_at + interval '1 hour') AS digest_end
            FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3))
            WITH ORDINALITY e (notification_id, channel, closed_at, ordinality)
            JOIN ONLY laurel.notifications n ON n.id = e.notification_id
            JOIN ONLY laurel.organizations o ON o.id = n.organization_id
            LEFT JOIN ONLY laurel.user_preferences p ON p.user_id = n.user_id) w ORDER BY w.ordinality)",
        UUIDARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID)
        .Returns(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID);

Datum
KeyOf(const DigestEntry &entry) {
    return CStringGetTextDatum(psprintf("%s|%s|%lld", UuidText(entry.user), entry.channel,
                                        static_cast<long long>(entry.end / USECS_PER_SEC + kUnixEpoch)));
}

// The entries as the arrays that statements take.
Parameters
ArraysOf(const DigestEntry *entries, int count) {
    constexpr Oid types[] = {UUIDOID, UUIDOID, UUIDOID, TEXTOID, TEXTOID, TIMESTAMPTZOID};
    Columns columns(types, count);
    for (int i = 0; i < count; i++) {
        const DigestEntry &entry = entries[i];
        columns.Add({FromUuid(entry.notification), FromUuid(entry.organization), FromUuid(entry.user),
                     CStringGetTextDatum(entry.channel), KeyOf(entry), TimestampTzGetDatum(entry.due_at)});
    }
    return columns.Arrays();
}

// Whether the window that the key of a digest names has ended.
bool
HasEnded(std::string_view key, TimestampTz now) {
    return std::atoll(CString(key.substr(key.rfind('|') + 1))) * USECS_PER_SEC - kUnixEpoch * USECS_PER_SEC <=
           now;
}

bool
AnyEnded(const DigestEntry *entries, int count, TimestampTz now) {
    return std::any_of(entries, entries + count,
                       [now](const DigestEntry &entry) { return entry.end <= now; });
}

// Opens the digests that are missing. One that was opened after its window had ended may follow another that
// is sent already, so it goes again: as long as the clock is not past the end, nobody can have claimed such a
// digest.
void
OpenDigests(const DigestEntry *entries, int count) {
    const uint64 opened = open_digests.Run(Access::Write, ArraysOf(entries, count));
    const TimestampTz now = GetCurrentTimestamp();
    if (!AnyEnded(entries, count, now))
        return;
    constexpr Oid types[] = {UUIDOID, TEXTOID};
    Columns late(types, opened);
    for (uint64 row = 0; row < opened; row++) {
        if (HasEnded(ToText(Field(row, 2)), now))
            late.Add({Field(row, 1), Field(row, 2)});
    }
    if (late.count() > 0)
        drop_digests.Run(Access::Write, late.Arrays());
}

// What tells one entry from another: a notification joins one digest a channel.
struct Joined {
    Uuid notification;
    char channel;

    friend bool operator<(const Joined &a, const Joined &b) {
        return a.notification == b.notification ? a.channel < b.channel : a.notification < b.notification;
    }
};

// Joins those digests that still take something; the entries that found none move to the front. Returns how
// many.
int
JoinOpen(DigestEntry *entries, int count) {
    const uint64 joined = join_digests.Run(Access::Write, ArraysOf(entries, count));
    auto *done = NewList<Joined>(joined);
    for (uint64 row = 0; row < joined; row++)
        done[row] = {ToUuid(Field(row, 1)), ToText(Field(row, 2)).front()};
    std::sort(done, done + joined);
    DigestEntry *const left = std::remove_if(entries, entries + count, [&](const DigestEntry &entry) {
        return std::binary_search(done, done + joined, Joined{entry.notification, entry.channel[0]});
    });
    return static_cast<int>(left - entries);
}

// Moves each entry to the window after its own.
void
MoveOn(DigestEntry *entries, int count) {
    constexpr Oid types[] = {UUIDOID, TEXTOID, TIMESTAMPTZOID};
    Columns closed(types, count);
    for (int i = 0; i < count; i++)
        closed.Add({FromUuid(entries[i].notification), CStringGetTextDatum(entries[i].channel),
                    TimestampTzGetDatum(std::max(entries[i].end, GetCurrentTimestamp()))});
    const uint64 found = next_windows.Run(Access::Write, closed.Arrays());
    for (uint64 row = 0; row < found; row++) {
        Row window(row);
        DigestEntry &entry = entries[DatumGetInt64(window.Next()) - 1];
        entry.end = DatumGetTimestampTz(window.Next());
        entry.due_at = DatumGetTimestampTz(window.Next());
    }
}

} // namespace

void
JoinDigests(DigestEntry *entries, int count) {
    for (int round = 0; count > 0; round++) {
        if (round == kMostRounds)
            ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                            errmsg("found no digest that takes a notification"),
                            errhint("Run the statement again.")));
        if (round > 0)
            MoveOn(entries, count);
        OpenDigests(entries, count);
        count = JoinOpen(entries, count);
    }
}

} // namespace laurel::deliveries
