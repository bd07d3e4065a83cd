#include "guards/quota_sql.h"

namespace laurel::guards {

namespace {

// What statements of many counters read, by the names of their columns.
constexpr const char *kAsked = R"(unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) WITH ORDINALITY
        AS asked (organization_id, start, amount, begins, ends, owner_1, owner_2, owner_3, owner_4, place))";

const char *
NameOf(const Quota &q) {
    return quote_identifier(q.table_name.name);
}

// "ARRAY[asked.owner_1, ...]", or of columns of the table.
const char *
OwnerArray(const Quota &q, bool of_table) {
    StringInfoData sql;
    initStringInfo(&sql);
    for (int i = 0; i < q.owner_count; i++)
        if (of_table)
            appendStringInfo(&sql, "%s%s.%s", i == 0 ? "" : ", ", NameOf(q), Named(q.owners[i]));
        else
            appendStringInfo(&sql, "%sasked.owner_%d", i == 0 ? "" : ", ", i + 1);
    return psprintf("ARRAY[%s]::pg_catalog.uuid[]", sql.data);
}

// " AND table.a = asked.owner_1 ...", or that none of them is null.
const char *
OwnerConditions(const Quota &q, bool of_asked) {
    StringInfoData sql;
    initStringInfo(&sql);
    for (int i = 0; i < q.owner_count; i++) {
        appendStringInfo(&sql, " AND %s.%s ", NameOf(q), Named(q.owners[i]));
        if (of_asked)
            appendStringInfo(&sql, "= asked.owner_%d", i + 1);
        else
            appendStringInfoString(&sql, "IS NOT NULL");
    }
    return sql.data;
}

// What is allowed to an owner, as a sub-select over the columns that say who that is, under the table's name.
// They are `value`, a number from `first` on and `rest`, such as "asked.owner_1".
const char *
Allowed(const Quota &q, const char *text, const char *organization, const char *value, int first,
        const char *rest = "") {
    StringInfoData sql;
    initStringInfo(&sql);
    appendStringInfo(&sql,
                     "(SELECT (%s\n)::pg_catalog.int8 FROM (SELECT %s::pg_catalog.uuid AS organization_id",
                     text, organization);
    for (int i = 0; i < q.owner_count; i++)
        appendStringInfo(&sql, ", %s%d%s::pg_catalog.uuid AS %s", value, first + i, rest, Named(q.owners[i]));
    appendStringInfo(&sql, ") AS %s)", NameOf(q));
    return sql.data;
}

// The row of the counter that is asked for, of quota_usage AS u.
const char *
IsAsked(const Quota &q) {
    return psprintf(R"(u.organization_id = asked.organization_id AND u.kind = $1 AND u.owner = %s
        AND u.period_start = asked.start)",
                    OwnerArray(q, false));
}

Statement
OfMany(const char *sql) {
    return Statement(sql, TEXTOID, UUIDARRAYOID, DATEARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID,
                     TIMESTAMPTZARRAYOID, UUIDARRAYOID, UUIDARRAYOID, UUIDARRAYOID, UUIDARRAYOID);
}

Statement
OfOne(const char *sql) {
    return Statement(sql, TEXTOID, UUIDOID, DATEOID, INT8OID, UUIDOID, UUIDOID, UUIDOID, UUIDOID).Generic();
}

// Adds an amount to one counter, and what is allowed where that is given; what is used never falls below 0.
const char *
AddToOne(const Quota &q, const char *allowed = nullptr) {
    StringInfoData owner;
    initStringInfo(&owner);
    for (int i = 0; i < q.owner_count; i++)
        appendStringInfo(&owner, "%s$%d", i == 0 ? "" : ", ", i + 5);
    return psprintf(R"(
        UPDATE ONLY laurel.quota_usage u SET used = GREATEST(u.used + $4, 0)%s
        WHERE u.organization_id = $2 AND u.kind = $1 AND u.owner = ARRAY[%s]::pg_catalog.uuid[] AND u.period_start = $3)",
                    allowed == nullptr ? "" : psprintf(", allowed = %s", allowed), owner.data);
}

Statement
GainOne(const Quota &q, const char *allowed) {
    return OfOne(psprintf("%s RETURNING u.used, u.allowed", AddToOne(q, Allowed(q, allowed, "$2", "$", 5))))
        .Returns(INT8OID, INT8OID);
}

Statement
Lock(const Quota &q) {
    return OfMany(psprintf(R"(
        SELECT asked.place, u.used FROM %s JOIN ONLY laurel.quota_usage u ON %s
        ORDER BY asked.place FOR NO KEY UPDATE OF u)",
                           kAsked, IsAsked(q)))
        .Returns(INT8OID, INT8OID)
        .Generic();
}

const char *
Member(const Quota &q) {
    return q.member < 0 ? "NULL::pg_catalog.uuid" : psprintf("asked.owner_%d", q.member + 1);
}

Statement
Open(const Quota &q) {
    return OfMany(psprintf(R"(
        INSERT INTO laurel.quota_usage (organization_id, kind, owner, user_id, period_start, ends_at, used)
        SELECT asked.organization_id, $1, %s, %s, asked.start, NULLIF(asked.ends, 'infinity'), 0 FROM %s
        ORDER BY asked.place ON CONFLICT (organization_id, kind, owner, period_start) DO NOTHING)",
                           OwnerArray(q, false), Member(q), kAsked))
        .Generic();
}

// Begins and ends are a day wide of the period: rows near its edges are looked at by the clock of their zone.
Statement
Count(const Quota &q) {
    const char *within =
        q.is_periodic()
            ? psprintf(" AND %s.%s BETWEEN asked.begins AND asked.ends + '1 day'::pg_catalog.interval",
                       NameOf(q), Named(q.at))
            : "";
    const char *exactly =
        q.is_periodic() ? psprintf("WHERE laurel_internal.period_start(r.at, z.time_zone, %s) = asked.start",
                                   quote_literal_cstr(PeriodName(q.period)))
                        : "";
    return OfMany(psprintf(R"(
        SELECT asked.place, coalesce(c.total, 0)::pg_catalog.int8 FROM %s
        JOIN ONLY laurel.organizations z ON z.id = asked.organization_id, LATERAL (
            SELECT sum(r.amount) AS total FROM (
                SELECT %s AS amount, %s AS at FROM %s
                WHERE %s.organization_id = asked.organization_id%s AND %s%s) r %s) c)",
                           kAsked, q.amount.sql(), q.is_periodic() ? Named(q.at) : "NULL", OnlyName(q.table),
                           NameOf(q), OwnerConditions(q, true), q.counted.sql(), within, exactly))
        .Returns(INT8OID, INT8OID)
        .Generic();
}

Statement
FindLimits(const Quota &q, const char *allowed) {
    return OfMany(psprintf("SELECT asked.place, %s FROM %s",
                           Allowed(q, allowed, "asked.organization_id", "asked.owner_", 1), kAsked))
        .Returns(INT8OID, INT8OID)
        .Generic();
}

// Who takes something sees what is allowed.
Statement
Write(const Quota &q, const char *allowed) {
    return OfMany(psprintf(R"(
        UPDATE ONLY laurel.quota_usage u SET used = asked.amount, allowed = CASE WHEN asked.amount > u.used THEN %s ELSE u.allowed END
        FROM %s WHERE %s RETURNING u.used = asked.amount)",
                           Allowed(q, allowed, "asked.organization_id", "asked.owner_", 1), kAsked,
                           IsAsked(q)))
        .Returns(BOOLOID)
        .Generic();
}

// What all rows come to, of an organization or of all, by owner and period.
const char *
Totals(const Quota &q) {
    const char *start = q.is_periodic() ? psprintf("laurel_internal.period_start(r.at, z.time_zone, %s)",
                                                   quote_literal_cstr(PeriodName(q.period)))
                                        : "'-infinity'::pg_catalog.date";
    return psprintf(R"(
        SELECT r.organization_id, r.owner, r.member, z.time_zone, %s AS start,
            coalesce(sum(r.amount), 0)::pg_catalog.int8 AS used
        FROM (SELECT %s.organization_id, %s AS owner, %s AS member, %s AS at, %s AS amount FROM %s
            WHERE %s%s%s AND ($2 IS NULL OR %s.organization_id = $2)) r
        JOIN ONLY laurel.organizations z ON z.id = r.organization_id GROUP BY 1, 2, 3, 4, 5)",
                    start, NameOf(q), OwnerArray(q, true),
                    q.member < 0 ? "NULL::pg_catalog.uuid" : Named(q.owners[q.member]),
                    q.is_periodic() ? Named(q.at) : "NULL", q.amount.sql(), OnlyName(q.table),
                    q.counted.sql(), OwnerConditions(q, false),
                    q.is_periodic() ? psprintf(" AND pg_catalog.isfinite(%s)", Named(q.at)) : "", NameOf(q));
}

Statement
CloseAll() {
    return Statement(R"(
        DELETE FROM ONLY laurel.quota_usage u WHERE u.kind = $1 AND ($2 IS NULL OR u.organization_id = $2))",
                     TEXTOID, UUIDOID)
        .Custom();
}

Statement
OpenAll(const Quota &q, const char *allowed) {
    return Statement(psprintf(R"(
        INSERT INTO laurel.quota_usage (organization_id, kind, owner, user_id, period_start, ends_at, used, allowed)
        SELECT t.organization_id, $1, t.owner, t.member, t.start, NULLIF(e.ends, 'infinity'), t.used, %s FROM (%s) t,
            LATERAL (SELECT laurel_internal.period_end(t.start, t.time_zone, %s) AS ends) e
        WHERE t.used <> 0 AND e.ends > pg_catalog.now() - '1 day'::pg_catalog.interval)",
                              Allowed(q, allowed, "t.organization_id", "t.owner[", 1, "]"), Totals(q),
                              quote_literal_cstr(PeriodName(q.period))),
                     TEXTOID, UUIDOID)
        .Custom();
}

// A period that is over needs no counter.
Statement
FindWrong(const Quota &q) {
    return Statement(psprintf(R"(
        SELECT coalesce(u.organization_id, t.organization_id), coalesce(u.user_id, t.member),
            coalesce(u.owner, t.owner)::pg_catalog.text, coalesce(u.period_start, t.start)::pg_catalog.text,
            coalesce(u.used, 0), coalesce(t.used, 0)
        FROM (SELECT * FROM ONLY laurel.quota_usage WHERE kind = $1) u FULL JOIN (%s) t
            ON t.organization_id = u.organization_id AND t.owner = u.owner AND t.start = u.period_start
        WHERE coalesce(u.used, 0) <> coalesce(t.used, 0) AND (u.used IS NOT NULL
            OR laurel_internal.period_end(t.start, t.time_zone, %s) > pg_catalog.now()) ORDER BY 1, 3, 4)",
                              Totals(q), quote_literal_cstr(PeriodName(q.period))),
                     TEXTOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, TEXTOID, TEXTOID, INT8OID, INT8OID)
        .Custom();
}

} // namespace

void
WriteStatements(Quota *quota, const char *allowed) {
    quota->gain_one = GainOne(*quota, allowed);
    quota->lose_one = OfOne(AddToOne(*quota));
    quota->lock = Lock(*quota);
    quota->open = Open(*quota);
    quota->count = Count(*quota);
    quota->find_limits = FindLimits(*quota, allowed);
    quota->write = Write(*quota, allowed);
    quota->close_all = CloseAll();
    quota->open_all = OpenAll(*quota, allowed);
    quota->find_wrong = FindWrong(*quota);
}

} // namespace laurel::guards
