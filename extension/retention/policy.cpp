#include "retention/policy.h"

#include "guards/derived_write.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::retention {

namespace {

Statement load_policy =
    Statement(R"(SELECT p.table_name, p.action, pg_catalog.quote_ident(p.time_column), p.condition,
        p.assignments, p.batch_rows
    FROM ONLY laurel.retention_policies p WHERE p.name = $1)",
              TEXTOID)
        .Returns(TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT4OID);

// What the table can say: an index on the time; users as a list, organization and the time that holds
// compare.
Statement describe_table = Statement(R"(SELECT
        EXISTS (SELECT FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = $2 AND a.attname = p.time_column AND i.indisvalid),
        (SELECT pg_catalog.string_agg(pg_catalog.format('t.%I', a.attname), ', ') FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = $2 AND a.attname = ANY (p.user_columns)),
        EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = $2 AND a.attname = 'organization_id'),
        CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = $2 AND a.attname = 'created_at')
            THEN 'created_at' ELSE pg_catalog.quote_ident(p.time_column) END
    FROM ONLY laurel.retention_policies p WHERE p.name = $1)",
                                     TEXTOID, OIDOID)
                               .Returns(BOOLOID, TEXTOID, BOOLOID, TEXTOID);

Statement holds_in_force =
    Statement(R"(SELECT pg_catalog.count(*), pg_catalog.array_agg(h.organization_id),
        pg_catalog.array_agg(h.user_id), pg_catalog.array_agg(h.held_from), pg_catalog.array_agg(h.held_until)
    FROM ONLY laurel.legal_holds h WHERE h.released_at IS NULL AND (h.table_name IS NULL OR h.table_name = $1))",
              TEXTOID)
        .Returns(INT8OID, UUIDARRAYOID, UUIDARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID);

constexpr struct {
    std::string_view name;
    Policy::Action action;
} kActions[] = {{"delete", Policy::Delete},
                {"drop_partition", Policy::DropPartition},
                {"archive", Policy::Archive},
                {"anonymise", Policy::Anonymise}};

Policy::Action
ActionNamed(std::string_view name) {
    for (const auto &known : kActions)
        if (known.name == name)
            return known.action;
    return Policy::Nothing;
}

const char *
TextOrNull(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? nullptr : TextDatumGetCString(value);
}

// Finds the table in schema laurel alone, whatever the search path, and keeps it and its name as they are.
Oid
LockTable(const char *name, LOCKMODE mode) {
    RangeVar *place = makeRangeVar(pstrdup("laurel"), pstrdup(name), -1);
    const Oid table = RangeVarGetRelidExtended(place, mode, RVR_MISSING_OK, nullptr, nullptr);
    if (!OidIsValid(table))
        Refuse({.sqlstate = ERRCODE_UNDEFINED_TABLE,
                .message = psprintf("table \"laurel.%s\" does not exist", name)});
    const char kind = get_rel_relkind(table);
    if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
        Refuse({.sqlstate = ERRCODE_WRONG_OBJECT_TYPE,
                .message = psprintf("\"laurel.%s\" is no table", name),
                .hint = "Retention takes rows out of tables, partitioned or not."});
    return table;
}

// A hold reaches a row by the columns the table has; one that names a user does not reach a table without
// users.
const char *
HeldSql(const char *users, bool has_organization, const char *time_column) {
    return psprintf(R"(EXISTS (SELECT FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3),
            pg_catalog.unnest($4), pg_catalog.unnest($5)) h (organization_id, user_id, held_from, held_until)
        WHERE (h.organization_id IS NULL%s) AND (h.user_id IS NULL%s)
            AND (h.held_from IS NULL OR t.%s >= h.held_from) AND (h.held_until IS NULL OR t.%s < h.held_until)))",
                    has_organization ? " OR h.organization_id = t.organization_id" : "",
                    users != nullptr ? psprintf(" OR h.user_id IN (%s)", users) : "", time_column,
                    time_column);
}

// The holds are read here, by their owner: the table's owner may not see them.
HoldsInForce
LoadHolds(const char *table_name) {
    const Datum argument = CStringGetTextDatum(table_name);
    holds_in_force.Run(Access::Write, argument);
    Row row;
    HoldsInForce holds = {.count = DatumGetInt64(row.Next()), .columns = {}};
    for (Datum &column : holds.columns) {
        bool none;
        column = row.Next(&none);
        column = none ? 0 : PointerGetDatum(DatumGetArrayTypePCopy(column));
    }
    return holds;
}

void
Describe(const char *name, Policy *policy) {
    const Datum values[] = {CStringGetTextDatum(name), ObjectIdGetDatum(policy->table)};
    describe_table.Run(Access::Write, values);
    Row row;
    policy->is_partitioned = get_rel_relkind(policy->table) == RELKIND_PARTITIONED_TABLE;
    policy->has_index = DatumGetBool(row.Next()) && !policy->is_partitioned;
    const char *users = TextOrNull(&row);
    const bool has_organization = DatumGetBool(row.Next());
    const char *hold_time = TextOrNull(&row);
    policy->holds = LoadHolds(policy->table_name);
    if (policy->holds.count > 0)
        policy->held = HeldSql(users, has_organization, hold_time);
}

} // namespace

void
RefusePolicy(const char *name) {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = psprintf("there is no retention policy \"%s\"", name),
            .hint = "laurel.retention_policies lists them."});
}

Policy
LoadPolicy(const char *name, TimestampTz cut_off, LOCKMODE mode) {
    const Datum argument = CStringGetTextDatum(name);
    if (load_policy.Run(Access::Write, argument) == 0)
        RefusePolicy(name);
    Row row;
    Policy policy = {};
    policy.cut_off = cut_off;
    policy.table_name = TextOrNull(&row);
    policy.action = ActionNamed(ToText(row.Next()));
    policy.time_column = TextOrNull(&row);
    policy.condition = TextOrNull(&row);
    policy.assignments = TextOrNull(&row);
    policy.batch_rows = DatumGetInt32(row.Next());
    policy.table = LockTable(policy.table_name, mode);
    policy.owner = OwnerOf(policy.table);
    if (policy.action != Policy::Nothing)
        Describe(name, &policy);
    return policy;
}

const char *
DueSql(const Policy &policy, bool scan) {
    const char *time = scan ? psprintf("(t.%s < $1) IS TRUE", policy.time_column)
                            : psprintf("t.%s < $1", policy.time_column);
    return policy.condition == nullptr ? time : psprintf("%s AND (%s) IS TRUE", time, policy.condition);
}

const char *
FreeSql(const Policy &policy, bool scan) {
    const char *due = DueSql(policy, scan);
    return policy.held == nullptr ? due : psprintf("%s AND NOT %s", due, policy.held);
}

uint64
RunDue(const Policy &policy, const char *sql, Datum rows) {
    Oid types[] = {TIMESTAMPTZOID,      UUIDARRAYOID,        UUIDARRAYOID,
                   TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID, TIDARRAYOID};
    Parameters parameters = TimestampTzGetDatum(policy.cut_off);
    for (const Datum column : policy.holds.columns)
        parameters.Add({column, column == 0});
    parameters.Add({rows, rows == 0});
    Assert(parameters.count() == std::ssize(types));
    const AsOwner owner(policy.owner);
    // What is counted of rows that go stays: an event was as full as it was.
    const guards::DerivedWrite writing({policy.table}, guards::DerivedWrite::Retention);
    const int result = SPI_execute_with_args(sql, parameters.count(), types, parameters.values(),
                                             parameters.nulls(), false, 0);
    if (result < 0)
        elog(ERROR, "could not execute \"%s\": %s", sql, SPI_result_code_string(result));
    return SPI_processed;
}

const char *
QuotedTable(Oid table) {
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)), get_rel_name(table));
}

} // namespace laurel::retention
