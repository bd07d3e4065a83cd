#include "guards/arguments.h"

#include "postgres/owner.h"

extern "C" {
#include "catalog/partition.h"
#include "catalog/pg_inherits.h"
#include "utils/varlena.h"
}

namespace laurel::guards {

namespace {

// "schema.name" in two; false for any other number of parts.
bool
TwoParts(const char *text, const char **schema, const char **name) {
    List *parts = NIL;
    if (!SplitIdentifierString(pstrdup(text), '.', &parts) || list_length(parts) != 2)
        return false;
    *schema = static_cast<const char *>(linitial(parts));
    *name = static_cast<const char *>(lsecond(parts));
    return true;
}

void
FreePlan(void *statement) {
    static_cast<Statement *>(statement)->Forget();
}

} // namespace

Oid
RootOf(Oid table) {
    if (!get_rel_relispartition(table))
        return table;
    const List *ancestors = get_partition_ancestors(table);
    return ancestors == NIL ? table : llast_oid(ancestors);
}

bool
HasHeirs(Oid table) {
    return has_subclass(table) && get_rel_relkind(table) != RELKIND_PARTITIONED_TABLE;
}

const char *
OnlyName(Oid table) {
    const char *name = QualifiedName(table);
    return get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE ? name : psprintf("ONLY %s", name);
}

bool
IsOfText(int sqlstate) {
    constexpr int kCategories[] = {ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION, ERRCODE_DATA_EXCEPTION,
                                   ERRCODE_FEATURE_NOT_SUPPORTED};
    const auto *end = std::end(kCategories);
    return sqlstate != ERRCODE_INSUFFICIENT_PRIVILEGE &&
           std::find(std::begin(kCategories), end, ERRCODE_TO_CATEGORY(sqlstate)) != end;
}

void
RefuseArguments(Relation relation, const Trigger &trigger, const char *what, const char *detail,
                const char *hint) {
    laurel::Refuse(
        {.sqlstate = ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
         .message = psprintf("trigger \"%s\" of table \"%s\" %s", trigger.tgname,
                             RelationGetRelationName(relation), what),
         .detail = detail,
         .hint = hint != nullptr
                     ? hint
                     : "Attach the guard with names that hold, after laurel_internal.detach() where "
                       "it is attached already; SELECT * FROM laurel.check() lists all such.",
         .schema = get_namespace_name(RelationGetNamespace(relation)),
         .table = RelationGetRelationName(relation)});
}

Arguments::Arguments(Relation relation, const Trigger &trigger)
    : relation_(relation), trigger_(trigger), root_(RootOf(RelationGetRelid(relation))),
      owner_(OwnerOf(root_)) {
    Watch(table());
    Watch(root_);
}

const char *
Arguments::Text(int index) const {
    if (index >= count())
        Refuse("has too few arguments");
    return pstrdup(trigger_.tgargs[index]);
}

Oid
Arguments::Table(int index) {
    const char *text = Text(index), *schema, *name;
    if (!TwoParts(text, &schema, &name))
        Refuse(psprintf("names table \"%s\" without its schema", text));
    const Oid schema_oid = get_namespace_oid(schema, true);
    const Oid table = OidIsValid(schema_oid) ? get_relname_relid(name, schema_oid) : InvalidOid;
    if (!OidIsValid(table) || isAnyTempNamespace(schema_oid))
        Refuse(psprintf("names table \"%s\", which does not exist", text),
               "It was renamed, moved to another schema or dropped after the trigger was made.");
    const char kind = get_rel_relkind(table);
    if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
        Refuse(psprintf("names \"%s\", which is no table", text));
    if (OwnerOf(table) != owner_)
        Refuse(psprintf("names table \"%s\", which has another owner", text),
               psprintf("%s belongs to %s, %s to %s.", QualifiedName(root_), GetUserNameFromId(owner_, false),
                        text, GetUserNameFromId(OwnerOf(table), false)),
               psprintf("Give both one owner, such as ALTER TABLE %s OWNER TO %s.", text,
                        quote_identifier(GetUserNameFromId(owner_, false))));
    Watch(table);
    return table;
}

GuardedColumn
Arguments::ColumnNamed(const char *name, Oid table, Oid type) const {
    const AttrNumber number = get_attnum(table, name);
    if (number <= 0)
        Refuse(psprintf("names column \"%s\" of %s, which does not exist", name, QualifiedName(table)),
               "It was renamed or dropped after the trigger was made.");
    const Oid found = get_atttype(table, number);
    if (OidIsValid(type) && !IsType(found, type))
        Refuse(psprintf("names column \"%s\" of %s, which has type %s, not %s", name, QualifiedName(table),
                        format_type_be(found), format_type_be(type)));
    GuardedColumn column = {pstrdup(name), number, found, false, 0};
    get_typlenbyval(found, &column.length, &column.by_value);
    return column;
}

void
Arguments::RequireOwnerOf(const char *laurels_table) const {
    const Oid laurels = OwnerOf(TableOid(laurels_table));
    if (laurels == owner_)
        return;
    const char *name = QualifiedName(root_), *owner = GetUserNameFromId(laurels, false);
    Refuse(
        "is on a table of another owner than Laurel's",
        psprintf("%s belongs to %s, Laurel's tables to %s.", name, GetUserNameFromId(owner_, false), owner),
        psprintf("ALTER TABLE %s OWNER TO %s.", name, quote_identifier(owner)));
}

void
Arguments::Watch(Oid table) {
    watched_ = list_append_unique_oid(watched_, table);
}

void
Arguments::WatchFunctions(const List *items) {
    ListCell *cell;
    foreach (cell, items) {
        const auto *item = lfirst_node(PlanInvalItem, cell);
        if (item->cacheId == PROCOID)
            functions_ = list_append_unique_int(functions_, static_cast<int>(item->hashValue));
    }
}

void
Arguments::Keep(Statement *statement) const {
    auto *callback = static_cast<MemoryContextCallback *>(palloc(sizeof(MemoryContextCallback)));
    callback->func = FreePlan;
    callback->arg = statement;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
}

// A statement keeps the number for which it is prepared.
void
Arguments::ShareNoRows(double planned) const {
    for (char *name : {trigger_.tgnewtable, trigger_.tgoldtable}) {
        if (name == nullptr)
            continue;
        auto *rows = static_cast<EphemeralNamedRelation>(palloc0(sizeof(EphemeralNamedRelationData)));
        rows->md = {name, RelationGetRelid(relation_), nullptr, ENR_NAMED_TUPLESTORE, planned};
        rows->reldata = tuplestore_begin_heap(false, false, work_mem);
        SPI_unregister_relation(name);
        if (const int result = SPI_register_relation(rows); result < 0)
            elog(ERROR, "could not register transition tables: %s", SPI_result_code_string(result));
    }
}

} // namespace laurel::guards
