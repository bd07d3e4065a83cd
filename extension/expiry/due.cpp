#include "expiry/due.h"

#include "expiry/credits.h"
#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/list.h"

namespace laurel::expiry {

namespace {

constexpr int kUsersAtOnce = 5000;

Statement next_users = Statement(R"(SELECT m.user_id FROM ONLY laurel.user_organizations m
        JOIN ONLY laurel.user_points p ON p.user_id = m.user_id AND p.organization_id = m.organization_id
        WHERE m.organization_id = $1 AND m.user_id > $2 AND p.total_points > 0 ORDER BY m.user_id LIMIT $3)",
                                 UUIDOID, UUIDOID, INT4OID)
                           .Returns(UUIDOID);

// Whether nothing but expiry was booked for an account `p` since a moment {1}, and no day was active.
constexpr SqlText kIsIdle = R"({1} > '-infinity'
        AND coalesce(p.last_activity_date < pg_catalog.timezone($8, {1})::pg_catalog.date, true)
        AND (p.last_entry_at < {1} OR NOT EXISTS (
            SELECT FROM ONLY laurel.points_ledger h WHERE h.user_id = p.user_id AND h.organization_id = $1
                AND h.created_at >= {1} AND h.transaction_type <> 'points_expired'
            UNION ALL SELECT FROM laurel.points_ledger_archive h WHERE h.organization_id = $1 AND h.user_id = p.user_id
                AND h.created_at >= {1} AND h.transaction_type <> 'points_expired')))";

// Entries of an account `p` that are not older than the credits that are asked for, found from its end.
constexpr SqlText kYoung =
    R"(c.user_id = p.user_id AND c.organization_id = $1 AND c.occurred_at >= $7 AND c.entry_no > coalesce((
            SELECT b.entry_no FROM ONLY laurel.points_ledger b
            WHERE b.user_id = p.user_id AND b.organization_id = $1 AND b.created_at < $7
            ORDER BY b.user_id DESC, b.organization_id DESC, b.entry_no DESC LIMIT 1), 0))";

constexpr SqlText kYoungArchived =
    "c.organization_id = $1 AND c.user_id = p.user_id AND c.created_at >= $7 AND c.occurred_at >= $7";

// The accounts $2 of organization $1. Credits count from $3 and $5 on, activity from $4 and $6 on, in the
// zone $8; $7 is the earlier of $3 and $5.
constexpr SqlText kDue =
    Sql<R"(
    SELECT p.user_id, p.last_entry_no, i.is_idle,
        CASE WHEN i.is_idle THEN f.points WHEN $3 > '-infinity' THEN greatest(0, f.points - k.kept) ELSE 0 END AS expired,
        CASE WHEN i.will_be THEN f.points WHEN $5 > '-infinity' THEN greatest(0, f.points - k.kept_then) ELSE 0 END AS expired_then
    FROM pg_catalog.unnest($2) u (id)
    JOIN ONLY laurel.user_points p ON p.user_id = u.id AND p.organization_id = $1
    CROSS JOIN LATERAL (SELECT {1} AS points) f
    CROSS JOIN LATERAL (SELECT {2} AS is_idle, {3} AS will_be) i
    CROSS JOIN LATERAL (
        SELECT coalesce(pg_catalog.sum(y.amount) FILTER (WHERE y.occurred_at >= $3), 0)::pg_catalog.int8 AS kept,
            coalesce(pg_catalog.sum(y.amount) FILTER (WHERE y.occurred_at >= $5), 0)::pg_catalog.int8 AS kept_then
        FROM ({4}) y) k
    WHERE f.points > 0)",
        kFree, Sql<kIsIdle, "$4">, Sql<kIsIdle, "$6">, Sql<kCredits, kYoung, kYoungArchived>>;

constexpr Oid kDueTypes[] = {UUIDOID,        UUIDARRAYOID,   TIMESTAMPTZOID, TIMESTAMPTZOID,
                             TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID};

Statement find_due = Statement(Sql<R"(SELECT d.user_id, d.expired, greatest(0, d.expired_then - d.expired)
        FROM ({1}) d WHERE d.expired > 0 OR d.expired_then > 0 ORDER BY d.user_id)",
                                   kDue>,
                               kDueTypes)
                         .Returns(UUIDOID, INT8OID, INT8OID);

Statement lock_accounts(
    R"(SELECT FROM ONLY laurel.user_points p WHERE p.organization_id = $1 AND p.user_id = ANY ($2)
        ORDER BY p.organization_id, p.user_id FOR NO KEY UPDATE)",
    UUIDOID, UUIDARRAYOID);

// Its key is of the account's last entry: what was computed of an account is booked once. It is dated back
// behind every week and month that is not over, so that nobody loses in a leaderboard what was not earned
// there.
Statement book_expired =
    Statement(
        Sql<R"(INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reference_type, reference_id,
            idempotency_key, occurred_at)
        SELECT $1, d.user_id, -d.expired, 'points_expired', 'PointExpiry', CASE WHEN d.is_idle THEN $10 ELSE $9 END,
            'points_expired:' || d.user_id || ':' || d.last_entry_no,
            CASE WHEN d.is_idle THEN $4 ELSE $3 END - '5 weeks'::pg_catalog.interval
        FROM ({1}) d WHERE d.expired > 0 ORDER BY d.user_id
        RETURNING user_id, -amount)",
            kDue>,
        kDueTypes, UUIDOID, UUIDOID)
        .Returns(UUIDOID, INT8OID);

constexpr Oid kPointsTypes[] = {UUIDOID, INT8OID};

Statement tell_expired(R"(INSERT INTO laurel.domain_events (organization_id, user_id, type, data)
        SELECT $1, e.user_id, 'points_expired', pg_catalog.jsonb_build_object('points', e.points)
        FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) e (user_id, points))",
                       UUIDOID, UUIDARRAYOID, INT8ARRAYOID);

// $4 is the day on which the month is over. The event says that a member was told, whatever becomes of the
// notification.
Statement tell_expiring(
    R"(WITH told AS (
            INSERT INTO laurel.domain_events (organization_id, user_id, type, data)
            SELECT $1, e.user_id, 'points_expiring', d.data
            FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) e (user_id, points)
            CROSS JOIN LATERAL (SELECT pg_catalog.jsonb_build_object('points', e.points, 'until', $4 - 1) AS data) d
            WHERE NOT EXISTS (SELECT FROM ONLY laurel.domain_events t WHERE t.user_id = e.user_id AND t.organization_id = $1
                AND t.type = 'points_expiring' AND t.data -> 'until' = d.data -> 'until')
            RETURNING user_id, data
        ) INSERT INTO laurel.notifications (organization_id, user_id, type, title, message, data, dedupe_key)
        SELECT $1, t.user_id, 'points_expiring', 'Points will expire',
            (t.data ->> 'points') || ' of your points expire by the end of ' || (t.data ->> 'until') || ' unless you use them.',
            t.data, 'points_expiring:' || t.user_id || ':' || $4
        FROM told t
        ON CONFLICT (organization_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING)",
    UUIDOID, UUIDARRAYOID, INT8ARRAYOID, DATEOID);

// The parameters of kDue for what is due of these users.
template <typename User>
Parameters
DueParameters(const Uuid &organization, const Limits &limits, uint64 count, User user) {
    Datum *ids = NewList<Datum>(count);
    for (uint64 i = 0; i < count; i++)
        ids[i] = FromUuid(user(i));
    return {FromUuid(organization),
            ArrayOf(ids, static_cast<int>(count), UUIDOID),
            TimestampTzGetDatum(limits.kept_from),
            TimestampTzGetDatum(limits.active_from),
            TimestampTzGetDatum(limits.kept_then),
            TimestampTzGetDatum(limits.active_then),
            TimestampTzGetDatum(limits.credits_from()),
            CStringGetTextDatum(limits.zone)};
}

Parameters
PointsOf(const Uuid &organization, const Columns<2> &points) {
    Parameters parameters = FromUuid(organization);
    const Parameters arrays = points.Arrays();
    parameters.Add(arrays.values()[0]);
    parameters.Add(arrays.values()[1]);
    return parameters;
}

} // namespace

uint64
NextUsers(const Uuid &organization, const Nullable &after, Uuid **users) {
    const Uuid none = {};
    const uint64 count =
        next_users.Run(Access::Write, {FromUuid(organization), after.is_null ? FromUuid(none) : after.value,
                                       Int32GetDatum(kUsersAtOnce)});
    *users = NewList<Uuid>(count);
    for (uint64 i = 0; i < count; i++)
        (*users)[i] = ToUuid(Field(i, 1));
    return count;
}

uint64
FindDue(const Uuid &organization, const Limits &limits, const Uuid *users, uint64 count, Due **due) {
    const uint64 found =
        find_due.Run(Access::Write, DueParameters(organization, limits, count,
                                                  [users](uint64 i) -> const Uuid & { return users[i]; }));
    *due = NewList<Due>(found);
    for (uint64 i = 0; i < found; i++) {
        Row row(i);
        Due &one = (*due)[i];
        one.user = ToUuid(row.Next());
        one.expired = DatumGetInt64(row.Next());
        one.expiring = DatumGetInt64(row.Next());
    }
    return found;
}

uint64
BookExpired(const Uuid &organization, const Limits &limits, const Due *due, int64 count) {
    Parameters parameters = DueParameters(organization, limits, static_cast<uint64>(count),
                                          [due](uint64 i) -> const Uuid & { return due[i].user; });
    lock_accounts.Run(Access::Write, {parameters.values()[0], parameters.values()[1]});
    parameters.Add(limits.kept_policy);
    parameters.Add(limits.active_policy);
    const uint64 booked = book_expired.Run(Access::Write, parameters);
    Columns points(kPointsTypes, booked);
    for (uint64 i = 0; i < booked; i++)
        points.Add({CopyUuid(ToUuid(Field(i, 1))), Field(i, 2)});
    if (booked > 0)
        tell_expired.Run(Access::Write, PointsOf(organization, points));
    return booked;
}

void
TellExpiring(const Uuid &organization, const Limits &limits, const Due *due, int64 count) {
    Columns points(kPointsTypes, count);
    for (int64 i = 0; i < count; i++)
        if (due[i].expiring > 0)
            points.Add({FromUuid(due[i].user), Int64GetDatum(due[i].expiring)});
    if (points.count() == 0 || limits.then.is_null)
        return;
    Parameters parameters = PointsOf(organization, points);
    parameters.Add(limits.then);
    tell_expiring.Run(Access::Write, parameters);
}

} // namespace laurel::expiry
