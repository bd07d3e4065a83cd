#include "guards/gone.h"

#include "guards/arguments.h"
#include "postgres/owner.h"

extern "C" {
#include "catalog/pg_constraint.h"
}

namespace laurel::guards {

namespace {

std::optional<FormData_pg_constraint>
ReadConstraint(Oid constraint) {
    HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
    if (!HeapTupleIsValid(tuple))
        return std::nullopt;
    const FormData_pg_constraint form = *reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple));
    ReleaseSysCache(tuple);
    return form;
}

// A reference to a partitioned table also has a constraint of the same table for each partition.
bool
IsToPartition(const FormData_pg_constraint &constraint) {
    const auto whole = ReadConstraint(constraint.conparentid);
    return whole.has_value() && whole->conrelid == constraint.conrelid;
}

bool
SetsNull(Oid key) {
    const auto constraint = ReadConstraint(key);
    return constraint.has_value() && constraint->confdeltype == FKCONSTR_ACTION_SETNULL &&
           !IsToPartition(*constraint);
}

// "SELECT FROM table WHERE key = $1 AND ..." over all columns of the key.
const char *
FindReferenced(const ForeignKeyCacheInfo &key) {
    StringInfoData text;
    initStringInfo(&text);
    appendStringInfo(&text, "SELECT FROM %s WHERE ",
                     get_rel_relkind(key.confrelid) == RELKIND_PARTITIONED_TABLE
                         ? QualifiedName(key.confrelid)
                         : OnlyName(key.confrelid));
    for (int i = 0; i < key.nkeys; i++)
        appendStringInfo(&text, "%s%s = $%d", i == 0 ? "" : " AND ",
                         quote_identifier(get_attname(key.confrelid, key.confkey[i], false)), i + 1);
    return text.data;
}

// Whether no row has the key that the row had before the update.
bool
IsGone(const TriggerData *update, const ForeignKeyCacheInfo &key) {
    Oid types[INDEX_MAX_KEYS];
    Datum values[INDEX_MAX_KEYS];
    for (int i = 0; i < key.nkeys; i++) {
        bool is_null;
        types[i] = get_atttype(key.conrelid, key.conkey[i]);
        values[i] = heap_getattr(update->tg_trigtuple, key.conkey[i], RelationGetDescr(update->tg_relation),
                                 &is_null);
        if (is_null)
            return false;
    }
    const AsOwner owner(OwnerOf(key.confrelid));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const int result =
        SPI_execute_with_args(FindReferenced(key), key.nkeys, types, values, nullptr, false, 1);
    return result == SPI_OK_SELECT && SPI_processed == 0;
}

} // namespace

bool
IsReferenceGone(const TriggerData *update, int column) {
    if (!heap_attisnull(update->tg_newtuple, column, RelationGetDescr(update->tg_relation)))
        return false;
    const auto *keys = static_cast<const List *>(copyObjectImpl(RelationGetFKeyList(update->tg_relation)));
    ListCell *cell;
    foreach (cell, keys) {
        const auto *key = static_cast<const ForeignKeyCacheInfo *>(lfirst(cell));
        const AttrNumber *end = key->conkey + key->nkeys;
        if (std::find(key->conkey, end, column) != end && SetsNull(key->conoid) && IsGone(update, *key))
            return true;
    }
    return false;
}

} // namespace laurel::guards
