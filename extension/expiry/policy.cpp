#include "expiry/policy.h"

#include "postgres/bridge.h"
#include "postgres/error.h"

namespace laurel::expiry {

namespace {

// While a step goes by a policy nobody takes it away: entries refer to it.
Statement
    hold_policies("SELECT FROM ONLY laurel.point_expiry_policies WHERE organization_id = $1 FOR KEY SHARE",
                  UUIDOID);

// Of each rule there is one policy at most. A month is told of once its first day is within warn_days, the
// most of any policy, so that what is said of the month is all that expires by then.
Statement read_limits = Statement(
                            R"(WITH dated AS (
            SELECT p.id, p.rule, p.length, p.warn_days, p.applies_from, o.time_zone, d.today,
                (pg_catalog.date_trunc('month', (d.today + coalesce(pg_catalog.max(p.warn_days) OVER (), 0))::pg_catalog.timestamp)
                    + '1 month'::pg_catalog.interval)::pg_catalog.date AS next_month
            FROM ONLY laurel.organizations o LEFT JOIN ONLY laurel.point_expiry_policies p ON p.organization_id = o.id
            CROSS JOIN LATERAL (SELECT pg_catalog.timezone(o.time_zone, pg_catalog.now())::pg_catalog.date AS today) d
            WHERE o.id = $1
        ), policies AS (
            SELECT p.id, p.rule, p.today, p.next_month, p.time_zone, p.applies_from <= p.today AS is_on,
                p.warn_days IS NOT NULL AND p.applies_from <= p.next_month AS tells,
                pg_catalog.timezone(p.time_zone, laurel_internal.points_kept_from(p.rule, p.length, p.today)::pg_catalog.timestamp) AS kept,
                pg_catalog.timezone(p.time_zone, laurel_internal.points_kept_from(p.rule, p.length, p.next_month)::pg_catalog.timestamp) AS kept_then
            FROM dated p
        ) SELECT pg_catalog.max(today), pg_catalog.max(time_zone),
            coalesce(pg_catalog.max(kept) FILTER (WHERE is_on AND rule <> 'inactivity'), '-infinity'),
            coalesce(pg_catalog.max(kept) FILTER (WHERE is_on AND rule = 'inactivity'), '-infinity'),
            coalesce(pg_catalog.max(kept_then) FILTER (WHERE tells AND rule <> 'inactivity'), '-infinity'),
            coalesce(pg_catalog.max(kept_then) FILTER (WHERE tells AND rule = 'inactivity'), '-infinity'),
            (pg_catalog.array_agg(id ORDER BY kept DESC) FILTER (WHERE is_on AND rule <> 'inactivity'))[1],
            (pg_catalog.array_agg(id) FILTER (WHERE is_on AND rule = 'inactivity'))[1],
            pg_catalog.max(next_month) FILTER (WHERE tells)
        FROM policies HAVING pg_catalog.count(*) > 0)",
                            UUIDOID)
                            .Returns(DATEOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID,
                                     TIMESTAMPTZOID, UUIDOID, UUIDOID, DATEOID);

Nullable
NextId(Row *row) {
    Nullable id;
    id.value = row->Next(&id.is_null);
    if (!id.is_null)
        id.value = CopyUuid(ToUuid(id.value));
    return id;
}

} // namespace

kernel::Expiry
ExpiryOf(std::string_view rule, int32 length) {
    using enum kernel::Expiry::Unit;
    if (length < 0 || length > 1200)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "points expire after 0 to 1200 months or years"});
    if (rule == "end_of_year")
        return {Years, length};
    if (rule == "after_months" || rule == "inactivity")
        return {Months, length};
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = psprintf("there is no rule \"%s\" by which points expire", CString(rule)),
            .hint = "after_months, end_of_year or inactivity."});
}

TimestampTz
Limits::credits_from() const {
    if (kept_from == DT_NOBEGIN)
        return kept_then == DT_NOBEGIN ? DT_NOEND : kept_then;
    return kept_then == DT_NOBEGIN ? kept_from : std::min(kept_from, kept_then);
}

bool
ReadLimits(const Uuid &organization, Limits *limits) {
    hold_policies.Run(Access::Write, FromUuid(organization));
    if (read_limits.Run(Access::Write, FromUuid(organization)) == 0)
        return false;
    Row row;
    limits->today = DatumGetDateADT(row.Next());
    limits->zone = CString(ToText(row.Next()));
    for (TimestampTz *moment :
         {&limits->kept_from, &limits->active_from, &limits->kept_then, &limits->active_then})
        *moment = DatumGetTimestampTz(row.Next());
    limits->kept_policy = NextId(&row);
    limits->active_policy = NextId(&row);
    limits->then.value = row.Next(&limits->then.is_null);
    return true;
}

// laurel_internal.points_expire_on(rule, length, earned)
LAUREL_FUNCTION(laurel_points_expire_on) {
    const DateADT earned = PG_GETARG_DATEADT(2);
    if (DATE_NOT_FINITE(earned))
        PG_RETURN_DATEADT(earned);
    PG_RETURN_DATEADT(kernel::ExpiryDay(ExpiryOf(ToText(PG_GETARG_DATUM(0)), PG_GETARG_INT32(1)), earned));
}

// laurel_internal.points_kept_from(rule, length, day)
LAUREL_FUNCTION(laurel_points_kept_from) {
    const DateADT day = PG_GETARG_DATEADT(2);
    if (DATE_NOT_FINITE(day))
        PG_RETURN_DATEADT(day);
    PG_RETURN_DATEADT(kernel::KeptFrom(ExpiryOf(ToText(PG_GETARG_DATUM(0)), PG_GETARG_INT32(1)), day));
}

} // namespace laurel::expiry
