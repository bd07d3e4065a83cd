#include "datum.h"

#include "error.h"

namespace laurel {

const char *
QualifiedName(Oid table) {
    const char *schema = get_namespace_name(get_rel_namespace(table));
    const char *name = get_rel_name(table);
    return schema == nullptr || name == nullptr ? "a table" : quote_qualified_identifier(schema, name);
}

void
RefuseType(Oid table, const char *column, Oid found, Oid expected) {
    const char *name = QualifiedName(table);
    Refuse({.sqlstate = ERRCODE_DATATYPE_MISMATCH,
            .message = psprintf("column \"%s\" of %s has type %s, not %s", column, name,
                                format_type_be(found), format_type_be(expected)),
            .detail =
                "An application has changed it, or has attached a trigger of Laurel to a table of its own.",
            .hint = !OidIsValid(table)
                        ? nullptr
                        : psprintf("Make it what Laurel expects: ALTER TABLE %s ALTER COLUMN %s TYPE %s.",
                                   name, quote_identifier(column), format_type_be(expected)),
            .schema = get_namespace_name(get_rel_namespace(table)),
            .table = get_rel_name(table)});
}

int
Attribute(TupleDesc tuple_desc, const char *name, Oid type) {
    const int number = SPI_fnumber(tuple_desc, name);
    if (number <= 0)
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("column \"%s\" does not exist", name),
                        errhint("A Laurel trigger is attached to a table that lacks this column.")));
    const FormData_pg_attribute *attribute = TupleDescAttr(tuple_desc, number - 1);
    if (!IsType(attribute->atttypid, type))
        RefuseType(attribute->attrelid, name, attribute->atttypid, type);
    return number;
}

} // namespace laurel
