// Rows that lead from one id to another within an organization, and never back. A statement's rows are looked
// at together, from where they lead to: what goes round in a circle goes through one of them. Two
// transactions that see no circle apiece could make one together, so that those of an organization come one
// after the other, and each looks at what is committed by then, whatever its snapshot.

#include "guards/acyclic.h"

#include "guards/check.h"
#include "guards/graph.h"
#include "postgres/column.h"
#include "postgres/fresh.h"
#include "postgres/own_lock.h"

namespace laurel::guards {

namespace {

constexpr TriggerSpec kCirclesSpec = {"check_circles", TriggerSpec::After, TriggerSpec::EachStatement,
                                      TriggerSpec::Insert | TriggerSpec::Update, 2};

// Beyond so many nodes, or steps from them, all edges of the organization are read at once.
constexpr size_t kMostNodes = 1000;
constexpr int kMostSteps = 50;
constexpr size_t kMostShown = 10;

// The arguments from and to.
struct Acyclic {
    explicit Acyclic(Arguments &arguments);

    Oid owner;
    Oid table;
    TableName name;
    GuardedColumn from;
    GuardedColumn to;
    Statement new_edges; // of the statement, by organization
    Statement edges_from;
    Statement edges_of;
    Statement edges; // by organization
};

const char *
NewEdges(const Arguments &arguments, const char *edge, const char *is_edge) {
    const char *added = psprintf("SELECT organization_id, %s FROM new_rows WHERE %s", edge, is_edge);
    if (!arguments.is_for_update())
        return psprintf("%s ORDER BY 1", added);
    return psprintf("%s EXCEPT SELECT organization_id, %s FROM old_rows WHERE %s ORDER BY 1", added, edge,
                    is_edge);
}

Acyclic::Acyclic(Arguments &arguments)
    : owner(arguments.owner()), table(arguments.root()), name(arguments.root_name()),
      from(arguments.Column(0, arguments.table(), UUIDOID)),
      to(arguments.Column(1, arguments.table(), UUIDOID)), new_edges(""), edges_from(""), edges_of(""),
      edges("") {
    arguments.ColumnNamed("organization_id", arguments.table(), UUIDOID);
    const char *start = quote_identifier(from.name), *end = quote_identifier(to.name);
    const char *edge = psprintf("%s, %s", start, end);
    const char *is_edge = psprintf("%s IS NOT NULL AND %s IS NOT NULL", start, end);
    const char *of =
        psprintf("SELECT %s FROM %s WHERE %s AND organization_id = $1", edge, OnlyName(table), is_edge);
    new_edges = Statement(NewEdges(arguments, edge, is_edge)).Returns(UUIDOID, UUIDOID, UUIDOID);
    edges_from = Statement(psprintf("%s AND %s = ANY ($2)", of, start), UUIDOID, UUIDARRAYOID)
                     .Returns(UUIDOID, UUIDOID);
    edges_of = Statement(of, UUIDOID).Returns(UUIDOID, UUIDOID);
    edges = Statement(psprintf("SELECT organization_id, %s FROM %s WHERE %s ORDER BY 1", edge,
                               OnlyName(table), is_edge))
                .Returns(UUIDOID, UUIDOID, UUIDOID);
    for (Statement *statement : {&new_edges, &edges_from, &edges_of, &edges})
        arguments.Keep(statement);
}

struct NewEdge {
    Uuid organization;
    Uuid from;
    Uuid to;
};

struct NewEdgeList {
    NewEdge *items;
    uint64 count;
};

NewEdgeList
EdgesOfStatement(TriggerData *trigger, Acyclic *acyclic) {
    const MemoryContext memory = CurrentMemoryContext; // SPI has its own
    const AsOwner owner(acyclic->owner);
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    NewEdgeList list = {nullptr, RunNamed(trigger, &acyclic->new_edges, Access::Write)};
    list.items = NewList<NewEdge>(list.count, memory);
    for (uint64 i = 0; i < list.count; i++) {
        Row row(i);
        list.items[i] = {ToUuid(row.Next()), ToUuid(row.Next()), ToUuid(row.Next())};
    }
    return list;
}

// Adds the edges that a statement gave; the ends that are reached for the first time are put into `ends`.
void
AddEdges(Graph *graph, uint64 count, Column *ends) {
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const Uuid from = ToUuid(row.Next());
        const Datum end = row.Next();
        graph->Add(from, ToUuid(end));
        if (ends != nullptr && graph->Reach(ToUuid(end)))
            ends->Add(end);
    }
}

// Follows the new edges step by step; false where that leads too far.
bool
Follow(Acyclic *acyclic, const NewEdge *begin, const NewEdge *end, Graph *graph) {
    auto *ends = new (palloc(sizeof(Column))) Column(UUIDOID, static_cast<int>(end - begin));
    for (const NewEdge *edge = begin; edge < end; edge++) {
        graph->Add(edge->from, edge->to);
        if (graph->Reach(edge->to))
            ends->Add(FromUuid(edge->to));
    }
    const Uuid organization = begin->organization;
    for (int step = 0; ends->count() > 0; step++) {
        if (step == kMostSteps || graph->nodes() > kMostNodes)
            return false;
        const Datum values[] = {FromUuid(organization), ends->Array()};
        const uint64 count = acyclic->edges_from.Run(Access::Read, values);
        if (count > kMostNodes)
            return false;
        ends = new (palloc(sizeof(Column))) Column(UUIDOID, static_cast<int>(count));
        AddEdges(graph, count, ends);
    }
    return true;
}

// The ids of a circle; the first ones where it is long.
const char *
Shown(const Graph &graph, const uint32_t *cycle, size_t length) {
    StringInfoData text;
    initStringInfo(&text);
    for (size_t i = 0; i < std::min(length, kMostShown); i++)
        appendStringInfo(&text, "%s, ", UuidText(graph.Node(cycle[i])));
    appendStringInfo(&text, "%s", length > kMostShown ? "..." : UuidText(graph.Node(cycle[0])));
    return text.data;
}

struct Circle {
    size_t length; // 0 for none
    const char *ids;
};

// A circle that goes through edges of one organization, which is locked.
Circle
FindCircle(Acyclic *acyclic, const NewEdge *begin, const NewEdge *end) {
    Uuid organization = begin->organization;
    const MemoryContext memory = CurrentMemoryContext;
    CommandCounterIncrement();
    const FreshRead read(acyclic->owner);
    const CatalogPath path(CatalogPath::Force);
    auto *graph = new (palloc(sizeof(Graph))) Graph();
    const bool is_new_only = static_cast<size_t>(end - begin) > kMostNodes;
    if (is_new_only || !Follow(acyclic, begin, end, graph)) {
        graph = new (palloc(sizeof(Graph))) Graph();
        const Datum values[] = {FromUuid(organization)};
        AddEdges(graph, acyclic->edges_of.Run(Access::Read, values), nullptr);
    }
    uint32_t *cycle;
    const size_t length = graph->FindCycle(&cycle);
    return {length, length == 0 ? nullptr : MemoryContextStrdup(memory, Shown(*graph, cycle, length))};
}

[[noreturn]] void
RefuseCircle(const Acyclic &acyclic, const Circle &circle) {
    const char *many = psprintf("%zu", circle.length);
    Refuse({.message = psprintf("rows of \"%s\" would lead round in a circle", acyclic.name.name),
            .detail = IsTrusted(acyclic.table) ? psprintf("By %s: %s.", acyclic.to.name, circle.ids)
                                               : psprintf("It is %s rows long.", many),
            .hint = "Leave out a row that leads back to where another comes from.",
            .schema = acyclic.name.schema,
            .table = acyclic.name.name,
            .constraint = psprintf("%s_acyclic", acyclic.name.name)});
}

// Calls see(begin, end) for the edges of each organization, which come together.
template <typename Item, typename See>
void
EachOrganizationOf(const Item *begin, const Item *end, See see) {
    while (begin < end) {
        const Item *next = std::find_if(
            begin, end, [begin](const Item &item) { return !(item.organization == begin->organization); });
        see(begin, next);
        begin = next;
    }
}

NewEdgeList
AllEdges(Acyclic *acyclic) {
    NewEdgeList list = {nullptr, acyclic->edges.Run(Access::Write)};
    list.items = NewList<NewEdge>(list.count);
    for (uint64 i = 0; i < list.count; i++) {
        Row row(i);
        list.items[i] = {ToUuid(row.Next()), ToUuid(row.Next()), ToUuid(row.Next())};
    }
    return list;
}

void
AddCircles(Acyclic *acyclic, Findings *findings) {
    const AsOwner owner(acyclic->owner);
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const NewEdgeList all = AllEdges(acyclic);
    EachOrganizationOf(all.items, all.items + all.count, [&](const NewEdge *begin, const NewEdge *end) {
        auto *graph = new (palloc(sizeof(Graph))) Graph();
        for (const NewEdge *edge = begin; edge < end; edge++)
            graph->Add(edge->from, edge->to);
        uint32_t *cycle;
        const size_t length = graph->FindCycle(&cycle);
        if (length > 0)
            findings->Add(
                {acyclic->table, "acyclic", &begin->organization, &graph->Node(cycle[0]),
                 psprintf("rows lead round in a circle of %zu: %s", length, Shown(*graph, cycle, length))});
    });
}

// A table is proven by its trigger for INSERT.
void
CheckAcyclic(const Guarded &guarded, Findings *findings) {
    Acyclic &acyclic = RuleOf<Acyclic>(guarded.relation, guarded.trigger);
    if (!TRIGGER_FOR_INSERT(guarded.trigger.tgtype))
        return findings->Expect(guarded, acyclic.table, kCheckCircles, TRIGGER_TYPE_INSERT);
    findings->Expect(guarded, acyclic.table, kCheckCircles, TRIGGER_TYPE_UPDATE);
    TellProgress(acyclic.table, "circles");
    AddCircles(&acyclic, findings);
}

} // namespace

constinit const GuardKind kCheckCircles = {"check_circles", ReadRule<Acyclic>, CheckAcyclic};

// Nobody else adds edges to these organizations until the transaction ends.
void
LockOrganizations(const NewEdgeList &edges) {
    OrganizationLocks locks(edges.count);
    EachOrganizationOf(edges.items, edges.items + edges.count,
                       [&locks](const NewEdge *begin, const NewEdge *) {
                           Uuid organization = begin->organization;
                           locks.Add(DatumGetUUIDP(FromUuid(organization)));
                       });
    locks.TakeUntilEnd(OwnLock::EdgesOfOrganization, ExclusiveLock);
}

LAUREL_FUNCTION(laurel_check_circles) {
    TriggerData *trigger = CheckTrigger(fcinfo, kCirclesSpec);
    Acyclic &acyclic = RuleOf<Acyclic>(trigger);
    const NewEdgeList added = EdgesOfStatement(trigger, &acyclic);
    LockOrganizations(added);
    EachOrganizationOf(added.items, added.items + added.count,
                       [&acyclic](const NewEdge *begin, const NewEdge *end) {
                           const Circle circle = FindCircle(&acyclic, begin, end);
                           if (circle.length > 0)
                               RefuseCircle(acyclic, circle);
                       });
    return PointerGetDatum(nullptr);
}

} // namespace laurel::guards
