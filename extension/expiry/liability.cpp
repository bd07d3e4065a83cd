// What an organization owes its members at a moment: what is left of credits, by how old they are and the
// tier of who has them.

#include "access/caller.h"
#include "access/organization.h"
#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::expiry {

namespace {

constexpr int kMostAges = 100;

// Entries of organization $1 in a table {1}, which were recorded by the moment $2; of credits that were not
// reversed by then, how much.
constexpr SqlText kEntriesIn =
    R"(SELECT e.user_id, e.amount, pg_catalog.width_bucket(e.occurred_at, $3) AS age,
            CASE WHEN e.amount > 0 AND e.reverses_id IS NULL AND r.reverses_id IS NULL THEN e.amount ELSE 0 END AS credit
        FROM {1} e LEFT JOIN (
            SELECT r.reverses_id FROM ONLY laurel.points_ledger r
            WHERE r.organization_id = $1 AND r.reverses_id IS NOT NULL AND r.amount < 0 AND r.created_at <= $2
            UNION ALL SELECT r.reverses_id FROM laurel.points_ledger_archive r
            WHERE r.organization_id = $1 AND r.reverses_id IS NOT NULL AND r.amount < 0 AND r.created_at <= $2
        ) r ON r.reverses_id = e.id
        WHERE e.organization_id = $1 AND e.created_at <= $2)";

// Of each account and age what was earned then, and altogether at that age or younger: the balance is made up
// of the youngest. Ages are numbered from the oldest; $4 are where they begin, in days.
Statement read_liability =
    Statement(
        Sql<R"(WITH sums AS (
            SELECT e.user_id, e.age, pg_catalog.sum(e.amount)::pg_catalog.int8 AS moved, pg_catalog.sum(e.credit)::pg_catalog.int8 AS earned
            FROM ({1} UNION ALL {2}) e GROUP BY e.user_id, e.age
        ), accounts AS (
            SELECT s.user_id, s.age, s.earned,
                (pg_catalog.sum(s.moved) OVER (PARTITION BY s.user_id))::pg_catalog.int8 AS balance,
                (pg_catalog.sum(s.earned) OVER (PARTITION BY s.user_id))::pg_catalog.int8 AS lifetime,
                (pg_catalog.sum(s.earned) OVER (PARTITION BY s.user_id ORDER BY s.age DESC))::pg_catalog.int8 AS younger
            FROM sums s
        ), starts AS (
            SELECT o.tier_basis, pg_catalog.max(t.min_points) FILTER (WHERE t.tier = 'silver') AS silver,
                pg_catalog.max(t.min_points) FILTER (WHERE t.tier = 'gold') AS gold,
                pg_catalog.max(t.min_points) FILTER (WHERE t.tier = 'platinum') AS platinum
            FROM ONLY laurel.organizations o LEFT JOIN ONLY laurel.tiers t ON t.organization_id = o.id
            WHERE o.id = $1 GROUP BY o.tier_basis
        ), owed AS (
            SELECT b.tier, a.age, least(a.balance, a.younger) - least(a.balance, a.younger - a.earned) AS points
            FROM accounts a CROSS JOIN starts t
            CROSS JOIN LATERAL (SELECT CASE t.tier_basis WHEN 'lifetime' THEN a.lifetime ELSE a.balance END AS points) p
            CROSS JOIN LATERAL (SELECT CASE WHEN p.points >= t.platinum THEN 'platinum' WHEN p.points >= t.gold THEN 'gold'
                WHEN p.points >= t.silver THEN 'silver' ELSE 'bronze' END AS tier) b
        ) SELECT w.tier, CASE WHEN i.nth > 0 THEN $4[i.nth] ELSE 0 END, $4[i.nth + 1],
            pg_catalog.sum(w.points)::pg_catalog.int8, pg_catalog.count(*)
        FROM owed w CROSS JOIN LATERAL (SELECT pg_catalog.cardinality($4) - w.age AS nth) i
        WHERE w.points > 0 GROUP BY w.tier, i.nth
        ORDER BY pg_catalog.array_position(ARRAY['bronze', 'silver', 'gold', 'platinum'], w.tier), i.nth)",
            Sql<kEntriesIn, "ONLY laurel.points_ledger">, Sql<kEntriesIn, "laurel.points_ledger_archive">>,
        UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID)
        .Returns(TEXTOID, INT4OID, INT4OID, INT8OID, INT8OID)
        .Custom()
        .Parallel();

[[noreturn]] void
RefuseAges() {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "ages must be days from 1 to 36500, ascending",
            .hint = "Such as ARRAY[90, 180, 365]: under 90 days, 90 to 179, 180 to 364, and older."});
}

// The moments at which credits came to these ages, earliest first.
Datum
MomentsOf(TimestampTz at, Datum ages) {
    Datum *days;
    bool *nulls;
    int count;
    deconstruct_array(DatumGetArrayTypeP(ages), INT4OID, sizeof(int32), true, TYPALIGN_INT, &days, &nulls,
                      &count);
    if (count > kMostAges || ARR_NDIM(DatumGetArrayTypeP(ages)) > 1)
        RefuseAges();
    Datum *moments = NewList<Datum>(count);
    int32 before = 0;
    for (int i = 0; i < count; i++) {
        if (nulls[i] || DatumGetInt32(days[i]) <= before || DatumGetInt32(days[i]) > 36500)
            RefuseAges();
        before = DatumGetInt32(days[i]);
        moments[count - 1 - i] = TimestampTzGetDatum(at - before * USECS_PER_DAY + 1);
    }
    return ArrayOf(moments, count, TIMESTAMPTZOID);
}

TimestampTz
MomentArgument(FunctionCallInfo fcinfo, int index) {
    const TimestampTz now = GetCurrentTimestamp();
    if (PG_ARGISNULL(index))
        return now;
    const TimestampTz at = PG_GETARG_TIMESTAMPTZ(index);
    if (!TIMESTAMP_NOT_FINITE(at) && at <= now)
        return at;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "what is owed in the future is not known",
            .detail = psprintf("as_of is %s.", timestamptz_to_str(at))});
}

} // namespace

// laurel.points_liability(as_of, organization, ages)
LAUREL_FUNCTION(laurel_points_liability) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Oid table = TableOid("points_ledger");
    const TimestampTz at = MomentArgument(fcinfo, 0);
    const Datum ages = Required(fcinfo, 2, "ages");
    const Uuid organization = access::ActiveOrganization(fcinfo, 1);
    access::RequireAdministrator(table, organization, "see what this organization owes in points");
    const Datum moments = MomentsOf(at, ages);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    ReturnRows(fcinfo, read_liability.Run(Access::Write,
                                          {FromUuid(organization), TimestampTzGetDatum(at), moments, ages}));
    PG_RETURN_NULL();
}

} // namespace laurel::expiry
