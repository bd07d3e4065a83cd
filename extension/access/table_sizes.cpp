// What the planner believes of Laurel's tables. Statements keep their plans, checks of foreign keys for as
// long as a session lasts, and a plan that was right for a small or empty table costs the square of the rows
// once the table is loaded: it reads the table, or an index that is as good as any other. Statistics may say
// for ever that a table is empty: of an import that was rolled back, of a drained table that fills again.

#include "access/table_sizes.h"

#include "postgres/bridge.h"

extern "C" {
#include "optimizer/plancat.h"
}

namespace laurel::access {

namespace {

// As many as Postgres itself expects of a table that was never vacuumed.
constexpr BlockNumber kLeastPages = 10;

constinit get_relation_info_hook_type earlier_hook = nullptr;

bool
IsOurs(Oid table) {
    const Oid schema = get_rel_namespace(table);
    return OidIsValid(schema) && (schema == get_namespace_oid("laurel", true) ||
                                  schema == get_namespace_oid("laurel_internal", true));
}

int
CompareIndexes(const ListCell *a, const ListCell *b) {
    return static_cast<const IndexOptInfo *>(lfirst(b))->unique -
           static_cast<const IndexOptInfo *>(lfirst(a))->unique;
}

// Expects ten pages at least, and a row on each. Of indexes that seem to cost the same the planner takes the
// first; unique ones stay good.
void
Enlarge(RelOptInfo *table) {
    table->pages = std::max(table->pages, kLeastPages);
    table->tuples = std::max<Cardinality>(table->tuples, table->pages);
    list_sort(table->indexlist, CompareIndexes);
    ListCell *cell;
    foreach (cell, table->indexlist) {
        auto *index = static_cast<IndexOptInfo *>(lfirst(cell));
        const Cardinality least = index->indpred == NIL ? table->tuples : index->pages;
        index->tuples = std::max(index->tuples, least);
    }
}

void
TellSize(PlannerInfo *root, Oid table_oid, bool has_children, RelOptInfo *table) {
    if (earlier_hook != nullptr)
        earlier_hook(root, table_oid, has_children, table);
    if (!has_children && IsOurs(table_oid))
        Enlarge(table);
}

} // namespace

void
InitTableSizes() {
    earlier_hook = get_relation_info_hook;
    get_relation_info_hook = [](PlannerInfo *root, Oid table_oid, bool has_children, RelOptInfo *table) {
        boundary([=] { TellSize(root, table_oid, has_children, table); });
    };
}

} // namespace laurel::access
