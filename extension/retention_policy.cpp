#include "postgres/error.h"
#include "postgres/spi.h"
#include "retention.h"

namespace laurel {

namespace {

// A policy with the columns its table has: users as a list, organization and the time that holds compare.
Statement load_policy =
    Statement(
        "SELECT p.table_name, p.action, pg_catalog.quote_ident(p.time_column), p.condition, p.assignments, "
        "p.batch_rows,"
        " c.oid,"
        " EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid"
        "   AND a.attnum = i.indkey[0] WHERE i.indrelid = c.oid AND a.attname = p.time_column AND "
        "i.indisvalid"
        "   AND c.relkind = 'r'),"
        " (SELECT pg_catalog.string_agg(pg_catalog.format('t.%I', a.attname), ', ') FROM "
        "pg_catalog.pg_attribute "
        "a"
        "   WHERE a.attrelid = c.oid AND a.attname = ANY (p.user_columns)),"
        " EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = "
        "'organization_id'),"
        " CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = "
        "'created_at')"
        "   THEN 'created_at' ELSE pg_catalog.quote_ident(p.time_column) END"
        " FROM laurel.retention_policies p"
        " LEFT JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(pg_catalog.format('laurel.%I', "
        "p.table_name))"
        " WHERE p.name = $1",
        TEXTOID)
        .Returns(TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT4OID, OIDOID, BOOLOID, TEXTOID, BOOLOID,
                 TEXTOID);

Statement any_hold("SELECT FROM laurel.legal_holds WHERE released_at IS NULL"
                   " AND (table_name IS NULL OR table_name = $1) LIMIT 1",
                   TEXTOID);

constexpr struct {
    std::string_view name;
    RetentionPolicy::Action action;
} kActions[] = {{"delete", RetentionPolicy::Delete},
                {"drop_partition", RetentionPolicy::DropPartition},
                {"archive", RetentionPolicy::Archive},
                {"anonymise", RetentionPolicy::Anonymise}};

RetentionPolicy::Action
ActionNamed(std::string_view name) {
    for (const auto &known : kActions)
        if (known.name == name)
            return known.action;
    return RetentionPolicy::Nothing;
}

const char *
TextOrNull(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? nullptr : TextDatumGetCString(value);
}

// A hold reaches a row by the columns the table has; one that names a user does not reach a table without
// users.
const char *
HeldSql(const char *table_name, const char *users, bool has_organization, const char *time_column) {
    return psprintf(
        "EXISTS (SELECT FROM laurel.legal_holds h WHERE h.released_at IS NULL"
        " AND (h.table_name IS NULL OR h.table_name = %s) AND (h.organization_id IS NULL%s) AND (h.user_id "
        "IS NULL%s)"
        " AND (h.held_from IS NULL OR t.%s >= h.held_from) AND (h.held_until IS NULL OR t.%s < "
        "h.held_until))",
        quote_literal_cstr(table_name), has_organization ? " OR h.organization_id = t.organization_id" : "",
        users != nullptr ? psprintf(" OR h.user_id IN (%s)", users) : "", time_column, time_column);
}

} // namespace

RetentionPolicy
LoadPolicy(const char *name, TimestampTz cut_off) {
    const Datum argument = CStringGetTextDatum(name);
    if (load_policy.Run(Access::Write, &argument) == 0)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("there is no retention policy \"%s\"", name),
                .hint = "SELECT name FROM laurel.retention_policies lists them."});
    Row row;
    RetentionPolicy policy = {};
    policy.cut_off = cut_off;
    policy.table_name = TextOrNull(&row);
    policy.action = ActionNamed(ToText(row.Next()));
    policy.time_column = TextOrNull(&row);
    policy.condition = TextOrNull(&row);
    policy.assignments = TextOrNull(&row);
    policy.batch_rows = DatumGetInt32(row.Next());
    bool absent;
    policy.table = DatumGetObjectId(row.Next(&absent));
    if (absent)
        policy.table = InvalidOid;
    policy.has_index = DatumGetBool(row.Next());
    const char *users = TextOrNull(&row);
    const bool has_organization = DatumGetBool(row.Next());
    const char *hold_time = TextOrNull(&row);
    if (policy.action != RetentionPolicy::Nothing && !absent)
        policy.held = HeldSql(policy.table_name, users, has_organization, hold_time);
    return policy;
}

const char *
DueSql(const RetentionPolicy &policy, bool scan) {
    const char *time = scan ? psprintf("(t.%s < $1) IS TRUE", policy.time_column)
                            : psprintf("t.%s < $1", policy.time_column);
    return policy.condition == nullptr ? time : psprintf("%s AND (%s) IS TRUE", time, policy.condition);
}

bool
AnyHold(const RetentionPolicy &policy) {
    const Datum table_name = CStringGetTextDatum(policy.table_name);
    return any_hold.Run(Access::Write, &table_name) > 0;
}

uint64
RunDue(const RetentionPolicy &policy, const char *sql) {
    Oid type = TIMESTAMPTZOID;
    Datum cut_off = TimestampTzGetDatum(policy.cut_off);
    const int result = SPI_execute_with_args(sql, 1, &type, &cut_off, nullptr, false, 0);
    if (result < 0)
        elog(ERROR, "could not execute \"%s\": %s", sql, SPI_result_code_string(result));
    return SPI_processed;
}

const char *
QuotedTable(Oid table) {
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)), get_rel_name(table));
}

} // namespace laurel
