// Month partitions, made ahead of time: a table that is partitioned by a time has one partition for each
// month in UTC. They stand in laurel_internal, so that what clients see does not change by the month.

#include "guards/month_partitions.h"

#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::guards {

namespace {

constexpr int kMostMonthsAhead = 120;

// The type of the time by which the table is partitioned; no row where it is partitioned in another way.
Statement partition_key = Statement(R"(SELECT a.atttypid FROM pg_catalog.pg_partitioned_table p
        JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
        WHERE p.partrelid = $1 AND p.partstrat = 'r' AND p.partnatts = 1
        AND a.atttypid IN ('timestamptz'::pg_catalog.regtype, 'date'::pg_catalog.regtype))",
                                    OIDOID)
                              .Returns(OIDOID);

// The first days of the months from $2, or this month, to $1 months from now.
Statement months_until =
    Statement(
        R"(SELECT pg_catalog.array_agg(m::pg_catalog.date) FROM pg_catalog.generate_series(
        pg_catalog.date_trunc('month', coalesce($2::pg_catalog.timestamp, pg_catalog.timezone('UTC', $3))),
        pg_catalog.date_trunc('month', pg_catalog.timezone('UTC', $3)) + $1 * '1 month'::pg_catalog.interval,
        '1 month'::pg_catalog.interval) m)",
        INT4OID, DATEOID, TIMESTAMPTZOID)
        .Returns(DATEARRAYOID);

// Which of the months have no partition: its name, its two bounds and the month as text.
Statement missing_months =
    Statement(
        R"(SELECT pg_catalog.format('laurel_internal.%I', p.name), pg_catalog.to_char(p.month, 'YYYY-MM-DD HH24:MI:SS"+00"'),
        pg_catalog.to_char(p.month + '1 month'::pg_catalog.interval, 'YYYY-MM-DD HH24:MI:SS"+00"'),
        pg_catalog.to_char(p.month, 'YYYY-MM')
        FROM pg_catalog.pg_class c
        CROSS JOIN LATERAL (SELECT m::pg_catalog.timestamp AS month,
        pg_catalog.concat(pg_catalog.left(c.relname::pg_catalog.text, 55), pg_catalog.to_char(m,
        '_YYYY_MM')) AS name
        FROM pg_catalog.unnest($2) m) p
        WHERE c.oid = $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_class child
        JOIN pg_catalog.pg_inherits i ON i.inhrelid = child.oid AND i.inhparent = c.oid
        WHERE child.relname = p.name)
        ORDER BY p.month)",
        OIDOID, DATEARRAYOID)
        .Returns(TEXTOID, TEXTOID, TEXTOID, TEXTOID);

// The parent's statement triggers as they are written for a partition: Postgres itself copies row triggers
// only. Of those with transition tables the guards' alone. The table's name is looked for behind the
// trigger's, which may look like it.
Statement statement_triggers = Statement(R"(SELECT pg_catalog.concat(pg_catalog.left(d.head, d.length),
        pg_catalog.left(d.rest, pg_catalog.strpos(d.rest, d.place) - 1), ' ON ', $2, ' ',
        pg_catalog.substr(d.rest, pg_catalog.strpos(d.rest, d.place) + pg_catalog.length(d.place)))
    FROM (SELECT w.tgname, w.place, w.definition AS head, w.length,
            pg_catalog.substr(w.definition, w.length + 1) AS rest
        FROM (SELECT t.tgname, pg_catalog.pg_get_triggerdef(t.oid) AS definition,
                pg_catalog.format(' ON %I.%I ', n.nspname, c.relname) AS place,
                pg_catalog.length(pg_catalog.format('CREATE TRIGGER %I', t.tgname)) AS length
            FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE t.tgrelid = $1 AND NOT t.tgisinternal AND t.tgtype & 1 = 0
                AND (t.tgoldtable IS NULL AND t.tgnewtable IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_proc p
                    JOIN pg_catalog.pg_namespace o ON o.oid = p.pronamespace
                    WHERE p.oid = t.tgfoid AND o.nspname = 'laurel_internal'))) w) d ORDER BY d.tgname)",
                                         OIDOID, TEXTOID)
                                   .Returns(TEXTOID);

// By what changes of the parent's rows are told to a copy, for the partition $2: Postgres copies it to none.
Statement row_identity = Statement(R"(SELECT CASE p.relreplident WHEN 'f' THEN 'FULL'
        ELSE pg_catalog.format('USING INDEX %I', c.relname) END
    FROM pg_catalog.pg_class p
    LEFT JOIN pg_catalog.pg_index whole ON whole.indrelid = p.oid AND whole.indisreplident
    LEFT JOIN (pg_catalog.pg_inherits h JOIN pg_catalog.pg_index part ON part.indexrelid = h.inhrelid
        JOIN pg_catalog.pg_class c ON c.oid = part.indexrelid)
        ON h.inhparent = whole.indexrelid AND part.indrelid = $2::pg_catalog.regclass
    WHERE p.oid = $1 AND (p.relreplident = 'f' OR c.oid IS NOT NULL))",
                                   OIDOID, TEXTOID)
                             .Returns(TEXTOID);

// A partition to be made.
struct Month {
    const char *name; // qualified and quoted
    const char *begin;
    const char *end;
    const char *month; // YYYY-MM
};

void
RequireMonthly(Oid parent) {
    const Datum value = ObjectIdGetDatum(parent);
    if (get_rel_namespace(parent) != get_namespace_oid("laurel", false))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "only tables in schema laurel get partitions this way"});
    if (partition_key.Run(Access::Write, value) > 0)
        return;
    Refuse({.sqlstate = ERRCODE_WRONG_OBJECT_TYPE,
            .message = psprintf("table \"%s\" is not partitioned by a time", get_rel_name(parent)),
            .hint = "It must be PARTITION BY RANGE of one column of type timestamptz or date."});
}

// Each partition is locked until the end, so that no call makes thousands.
void
RequireNearMonth(std::optional<DateADT> first) {
    constexpr DateADT kDaysOfMonth = 31;
    const DateADT today = static_cast<DateADT>(GetCurrentTimestamp() / USECS_PER_DAY);
    if (first && (DATE_NOT_FINITE(*first) || std::abs(*first - today) > kMostMonthsAhead * kDaysOfMonth))
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "the first month lies more than ten years away",
                .hint = "Make the partitions of such months one by one."});
}

// Makes the partition beside the table and attaches it: that waits for nobody who reads or writes the table.
void
CreatePartition(Oid parent, const char *parent_name, const Month &month) {
    RunScript(
        psprintf(R"(CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED
        INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING COMMENTS))",
                 month.name, parent_name));
    const char *comment = psprintf("Rows of %s of %s, in UTC.", get_rel_name(parent), month.month);
    RunScript(psprintf("COMMENT ON TABLE %s IS %s", month.name, quote_literal_cstr(comment)));
    RunScript(psprintf("REVOKE ALL ON %s FROM PUBLIC, anon, authenticated, service_role", month.name));
    RunScript(psprintf("ALTER TABLE %s ENABLE ROW LEVEL SECURITY", month.name));
    RunScript(psprintf("ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)", parent_name,
                       month.name, quote_literal_cstr(month.begin), quote_literal_cstr(month.end)));
    const Datum values[] = {ObjectIdGetDatum(parent), CStringGetTextDatum(month.name)};
    if (row_identity.Run(Access::Write, values) > 0)
        RunScript(psprintf("ALTER TABLE %s REPLICA IDENTITY %s", month.name, TextField(0, 1)));
    const uint64 count = statement_triggers.Run(Access::Write, values);
    auto **triggers = NewList<const char *>(count);
    for (uint64 row = 0; row < count; row++)
        triggers[row] = TextField(row, 1);
    for (uint64 i = 0; i < count; i++)
        RunScript(triggers[i]);
}

} // namespace

int
CreateMonths(Oid parent, Datum first_days) {
    LockRelationOid(parent, ShareUpdateExclusiveLock);
    const Datum arguments[] = {ObjectIdGetDatum(parent), first_days};
    const uint64 count = missing_months.Run(Access::Write, arguments);
    auto *months = NewList<Month>(count);
    for (uint64 row = 0; row < count; row++)
        months[row] = {TextField(row, 1), TextField(row, 2), TextField(row, 3), TextField(row, 4)};
    const char *parent_name = QualifiedName(parent);
    for (uint64 i = 0; i < count; i++)
        CreatePartition(parent, parent_name, months[i]);
    return static_cast<int>(count);
}

void
EnsureMonth(Oid parent, TimestampTz at, SeenMonth *seen) {
    pg_tm parts;
    fsec_t fraction;
    timestamp2tm(at, nullptr, &parts, &fraction, nullptr, nullptr);
    const int month = parts.tm_year * 12 + parts.tm_mon;
    if (month == seen->month)
        return;
    const char *name = psprintf("%s_%04d_%02d", get_rel_name(parent), parts.tm_year, parts.tm_mon);
    if (OidIsValid(get_relname_relid(name, get_namespace_oid("laurel_internal", false)))) {
        seen->month = month;
        return;
    }
    Datum first_day = DateADTGetDatum(date2j(parts.tm_year, parts.tm_mon, 1) - POSTGRES_EPOCH_JDATE);
    CreateMonths(parent, ArrayOf(&first_day, 1, DATEOID));
}

// laurel_internal.create_month_partitions(parent, months_ahead, first)
LAUREL_FUNCTION(laurel_create_month_partitions) {
    const Oid parent = PG_GETARG_OID(0);
    const int months_ahead = PG_GETARG_INT32(1);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || months_ahead < 0 || months_ahead > kMostMonthsAhead)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "the parent must be given, and months_ahead from 0 to 120"});
    RequireNearMonth(PG_ARGISNULL(2) ? std::nullopt : std::optional(PG_GETARG_DATEADT(2)));
    if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(parent)))
        Refuse({.sqlstate = ERRCODE_UNDEFINED_TABLE, .message = "there is no such table"});
    const AsOwner owner(OwnerOf(parent));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    RequireMonthly(parent);
    months_until.Run(Access::Write, {Int32GetDatum(months_ahead), Argument(fcinfo, 2),
                                     TimestampTzGetDatum(GetCurrentTimestamp())});
    bool none;
    const Datum first_days = Field(0, 1, &none);
    PG_RETURN_INT32(none ? 0 : CreateMonths(parent, first_days));
}

} // namespace laurel::guards
