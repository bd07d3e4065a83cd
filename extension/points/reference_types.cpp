// The tables that entries of the ledger refer to. A name is kept, not a regclass: a restore fills
// laurel.reference_types before the application's tables need be there, and a table that is dropped and made
// again is the same reference type. So it is written in full when it is registered, is looked up exactly as
// written, never by a search path, and what it names is checked at each use.

#include "points/reference_types.h"

#include "points/posting.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

extern "C" {
#include "utils/varlena.h"
}

namespace laurel::points {

namespace {

constexpr const char *kTable = "reference_types";
constexpr const char *kConstraint = "reference_types_table_name_check";

constexpr TriggerSpec kRegister = {"register_reference_type", TriggerSpec::Before, TriggerSpec::EachRow,
                                   TriggerSpec::Insert | TriggerSpec::Update};

Statement find_type =
    Statement("SELECT table_name FROM ONLY laurel.reference_types WHERE name = $1", TEXTOID).Returns(TEXTOID);

// The parts of a table's name in full.
struct TableName {
    const char *schema;
    const char *table;
};

[[noreturn]] void
RefuseTable(int sqlstate, const char *message) {
    Refuse({.sqlstate = sqlstate,
            .message = message,
            .hint = "table_name is the name of a table with its schema, such as public.lessons; the table has"
                    " the columns organization_id and id of type uuid.",
            .table = kTable,
            .constraint = kConstraint});
}

TableName
ParseName(std::string_view written) {
    List *names = textToQualifiedNameList(DatumGetTextPP(FromText(written)));
    if (list_length(names) != 2)
        RefuseTable(ERRCODE_INVALID_PARAMETER_VALUE,
                    psprintf("\"%s\" is no table's name with its schema", CString(written)));
    return {strVal(linitial(names)), strVal(lsecond(names))};
}

// Null where there is none. Temporary tables are a session's own: its schema by its own name, whatever the
// rights.
Oid
FindTable(const TableName &name) {
    const Oid schema = get_namespace_oid(name.schema, true);
    if (strcmp(name.schema, "pg_temp") == 0 || (OidIsValid(schema) && isAnyTempNamespace(schema)))
        RefuseTable(ERRCODE_INVALID_PARAMETER_VALUE, "a temporary table cannot be referred to");
    return OidIsValid(schema) ? get_relname_relid(name.table, schema) : InvalidOid;
}

// Finds the table and locks it, so that the name means it until the transaction ends.
Oid
LockTable(const TableName &name) {
    Oid table = FindTable(name);
    while (OidIsValid(table)) {
        LockRelationOid(table, AccessShareLock);
        const Oid again = FindTable(name);
        if (again == table)
            return table;
        UnlockRelationOid(table, AccessShareLock);
        table = again;
    }
    RefuseTable(ERRCODE_UNDEFINED_TABLE,
                psprintf("table \"%s\" does not exist", quote_qualified_identifier(name.schema, name.table)));
}

void
RequireUuid(Oid table, const char *column) {
    const AttrNumber number = get_attnum(table, column);
    if (number <= 0)
        RefuseTable(ERRCODE_UNDEFINED_COLUMN,
                    psprintf("table \"%s\" has no column \"%s\"", get_rel_name(table), column));
    const Oid type = get_atttype(table, number);
    if (type != UUIDOID)
        RefuseTable(ERRCODE_DATATYPE_MISMATCH,
                    psprintf("column \"%s\" of table \"%s\" is of type %s, not uuid", column,
                             get_rel_name(table), format_type_be(type)));
}

// Views and foreign tables run what others have written; they are read by nobody but their own users.
void
RequireReferable(Oid table) {
    const char kind = get_rel_relkind(table);
    if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
        RefuseTable(ERRCODE_WRONG_OBJECT_TYPE, psprintf("\"%s\" is no table", get_rel_name(table)));
    RequireUuid(table, "organization_id");
    RequireUuid(table, "id");
}

} // namespace

Oid
TableOfReferenceType(const char *type) {
    const Datum name = CStringGetTextDatum(type);
    if (find_type.Run(Access::Write, name) == 0)
        RefuseReferenceType(type);
    const Oid table = LockTable(ParseName(ToText(Field(0, 1))));
    RequireReferable(table);
    return table;
}

// laurel_internal.register_reference_type(): on reference_types.
LAUREL_FUNCTION(laurel_register_reference_type) {
    DraftRow row(CheckTrigger(fcinfo, kRegister));
    if (row.IsNull("table_name"))
        return row.Done();
    const TableName name = ParseName(row.Text("table_name"));
    RequireReferable(LockTable(name));
    row.Set("table_name", TEXTOID, CStringGetTextDatum(quote_qualified_identifier(name.schema, name.table)));
    return row.Done();
}

} // namespace laurel::points
