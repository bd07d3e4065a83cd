// Whether what entries refer to exists: one query per reference type and statement.

#include "points/posting.h"
#include "points/reference_types.h"
#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::points {

namespace {

constexpr int kMaxPlans = 32;

// The saved query for one table. Its text carries the table's name, so it is made anew when that changes.
struct ReferencePlan {
    Oid table;
    char name[NAMEDATALEN * 4 + 8]; // two names in which every character may be a doubled quote
    SPIPlanPtr plan;
};

constinit ReferencePlan plans[kMaxPlans] = {};

constinit RefusedReference refused = {};

// A plan that another one has replaced. A query of this transaction may still be running it, so it is freed
// by a later one.
struct ReplacedPlan {
    ReplacedPlan *next;
    SPIPlanPtr plan;
    TimestampTz transaction;
};

constinit ReplacedPlan *replaced = nullptr;

void
FreeReplaced() {
    const TimestampTz transaction = GetCurrentTransactionStartTimestamp();
    for (ReplacedPlan **link = &replaced; *link != nullptr;) {
        ReplacedPlan *old = *link;
        if (old->transaction == transaction) {
            link = &old->next;
            continue;
        }
        *link = old->next;
        SPI_freeplan(old->plan);
        pfree(old);
    }
}

void
Replace(ReferencePlan *slot, Oid table, const char *name, SPIPlanPtr plan) {
    if (slot->plan != nullptr) {
        auto *old = static_cast<ReplacedPlan *>(MemoryContextAlloc(TopMemoryContext, sizeof(ReplacedPlan)));
        *old = {replaced, slot->plan, GetCurrentTransactionStartTimestamp()};
        replaced = old;
    }
    slot->table = table;
    strlcpy(slot->name, name, sizeof(slot->name));
    slot->plan = plan;
}

const char *
QualifiedName(Oid table) {
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)), get_rel_name(table));
}

// Tables that inherit from the one registered are not looked into; partitions are.
SPIPlanPtr
PreparePlan(Oid table, const char *name) {
    Oid types[] = {UUIDARRAYOID, UUIDARRAYOID};
    const char *only = get_rel_relkind(table) == RELKIND_RELATION ? "ONLY " : "";
    SPIPlanPtr plan =
        SPI_prepare(psprintf(R"(SELECT w.id FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) w
            (organization_id, id) WHERE NOT EXISTS
            (SELECT FROM %s%s t WHERE t.organization_id = w.organization_id AND t.id = w.id) LIMIT 1)",
                             only, name),
                    2, types);
    if (plan == nullptr)
        elog(ERROR, "could not prepare the reference check of %s: %s", name,
             SPI_result_code_string(SPI_result));
    SPI_keepplan(plan);
    return plan;
}

SPIPlanPtr
PlanFor(Oid table) {
    FreeReplaced();
    const char *name = QualifiedName(table);
    ReferencePlan &slot = plans[table % kMaxPlans];
    if (slot.table != table || strcmp(slot.name, name) != 0)
        Replace(&slot, table, name, PreparePlan(table, name));
    return slot.plan;
}

void
NoteRefused(std::string_view type, const Uuid *id) {
    refused = {true, id != nullptr, id == nullptr ? Uuid{} : *id, {}};
    strlcpy(refused.type, CString(type), sizeof(refused.type));
}

// Looks for the rows as the table's own owner: nobody else's rights and policies have a part in it.
void
CheckType(const char *type, const Parameters &references) {
    const Oid table = TableOfReferenceType(type);
    const AsOwner owner(OwnerOf(table));
    const CatalogPath path;
    const int result = SPI_execute_plan(PlanFor(table), references.values(), references.nulls(), false, 0);
    if (result < 0)
        elog(ERROR, "could not check references: %s", SPI_result_code_string(result));
    if (SPI_processed == 0)
        return;
    const Uuid id = ToUuid(Field(0, 1));
    NoteRefused(type, &id);
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("%s %s does not exist in this organization", type, UuidText(id)),
            .hint = "reference_id is the id of an existing row; leave both null for a manual adjustment.",
            .table = "points_ledger",
            .constraint = "points_ledger_reference_id_fkey"});
}

} // namespace

RefusedReference
TakeRefusedReference() {
    return std::exchange(refused, {});
}

void
RefuseReferenceType(std::string_view type) {
    NoteRefused(type, nullptr);
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("reference type \"%s\" is not known", CString(type)),
            .hint = "laurel.reference_types lists them; null is a manual adjustment.",
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
    auto **references = NewList<Reference *>(count);
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, statement->references);
    for (long i = 0; i < count; i++)
        references[i] = static_cast<Reference *>(hash_seq_search(&scan));
    hash_seq_term(&scan);
    std::sort(references, references + count,
              [](const Reference *a, const Reference *b) { return strcmp(a->type, b->type) < 0; });
    constexpr Oid types[] = {UUIDOID, UUIDOID};
    for (long begin = 0, end; begin < count; begin = end) {
        Columns of_type(types, count - begin);
        for (end = begin; end < count && strcmp(references[end]->type, references[begin]->type) == 0; end++)
            of_type.Add({FromUuid(references[end]->organization), FromUuid(references[end]->id)});
        CheckType(references[begin]->type, of_type.Arrays());
    }
}

} // namespace laurel::points
