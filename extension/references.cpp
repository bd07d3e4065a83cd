// Whether what entries refer to exists: one query per reference type and statement.

#include "posting.h"
#include "postgres/array.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel {

namespace {

constexpr int kMaxPlans = 32;

Statement find_type(
    "SELECT pg_catalog.to_regclass(table_name)::pg_catalog.oid FROM ONLY laurel.reference_types WHERE name = $1",
    TEXTOID);

// The saved query for one table. Its text carries the table's name, so it is made anew when that changes.
struct ReferencePlan {
    Oid table;
    char name[NAMEDATALEN * 2 + 8];
    SPIPlanPtr plan;
};

constinit ReferencePlan plans[kMaxPlans] = {};

const char *
QualifiedName(Oid table) {
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)), get_rel_name(table));
}

SPIPlanPtr
PreparePlan(const char *table) {
    Oid types[] = {UUIDARRAYOID, UUIDARRAYOID};
    SPIPlanPtr plan = SPI_prepare(
        psprintf("SELECT w.id FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) w"
                 " (organization_id, id) WHERE NOT EXISTS"
                 " (SELECT FROM %s t WHERE t.organization_id = w.organization_id AND t.id = w.id) LIMIT 1",
                 table),
        2, types);
    if (plan == nullptr)
        elog(ERROR, "could not prepare the reference check of %s: %s", table,
             SPI_result_code_string(SPI_result));
    SPI_keepplan(plan);
    return plan;
}

SPIPlanPtr
PlanFor(Oid table) {
    const char *name = QualifiedName(table);
    ReferencePlan &slot = plans[table % kMaxPlans];
    if (slot.table == table && strcmp(slot.name, name) == 0)
        return slot.plan;
    SPIPlanPtr plan = PreparePlan(name);
    if (slot.plan != nullptr)
        SPI_freeplan(slot.plan);
    slot.table = table;
    strlcpy(slot.name, name, sizeof(slot.name));
    slot.plan = plan;
    return plan;
}

Oid
TableOfType(const char *type) {
    const Datum name = CStringGetTextDatum(type);
    bool is_null = true;
    const Datum table = find_type.Run(Access::Write, &name) > 0 ? Field(0, 1, &is_null) : 0;
    if (is_null)
        RefuseReferenceType(type);
    return DatumGetObjectId(table);
}

void
CheckType(const char *type, Datum *organizations, Datum *ids, int count) {
    Datum values[] = {ArrayOf(organizations, count, UUIDOID), ArrayOf(ids, count, UUIDOID)};
    const CatalogPath path;
    const int result = SPI_execute_plan(PlanFor(TableOfType(type)), values, nullptr, false, 0);
    if (result < 0)
        elog(ERROR, "could not check references: %s", SPI_result_code_string(result));
    if (SPI_processed > 0)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = psprintf("%s %s does not exist in this organization", type,
                                    UuidText(ToUuid(Field(0, 1)))),
                .hint = "reference_id is the id of an existing row; leave both null for a manual adjustment.",
                .table = "points_ledger",
                .constraint = "points_ledger_reference_id_fkey"});
}

} // namespace

void
RefuseReferenceType(std::string_view type) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("reference type \"%s\" is not known", CString(type)),
            .hint = "SELECT name FROM ONLY laurel.reference_types lists them; null is a manual adjustment.",
            .table = "points_ledger",
            .constraint = "points_ledger_reference_type_fkey"});
}

void
CheckReferences(const PostingStatement *statement) {
    if (statement->references == nullptr)
        return;
    const AsOwner owner(OwnerOf(TableOid("points_ledger")));
    const SpiConnection spi;
    const long count = hash_get_num_entries(statement->references);
    auto **references = static_cast<Reference **>(palloc(sizeof(Reference *) * static_cast<Size>(count)));
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, statement->references);
    for (long i = 0; i < count; i++)
        references[i] = static_cast<Reference *>(hash_seq_search(&scan));
    hash_seq_term(&scan);
    std::sort(references, references + count,
              [](const Reference *a, const Reference *b) { return strcmp(a->type, b->type) < 0; });
    auto *organizations = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(count)));
    auto *ids = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(count)));
    for (long begin = 0, end; begin < count; begin = end) {
        int filled = 0;
        for (end = begin; end < count && strcmp(references[end]->type, references[begin]->type) == 0; end++) {
            organizations[filled] = FromUuid(references[end]->organization);
            ids[filled++] = FromUuid(references[end]->id);
        }
        CheckType(references[begin]->type, organizations, ids, filled);
    }
}

} // namespace laurel
