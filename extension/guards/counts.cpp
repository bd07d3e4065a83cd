// Counters that follow from rows, exactly and whoever writes. A restore makes the triggers after rows and
// counters, so nothing is counted twice.

#include "guards/counts.h"

#include "guards/check.h"
#include "guards/counting.h"
#include "guards/derived_write.h"
#include "guards/of_statement.h"
#include "guards/transition_rows.h"
#include "postgres/owner.h"

namespace laurel::guards {

namespace {

constexpr int kAnyRowEvent = TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete;

constexpr TriggerSpec kRowsSpec = {"count_rows", TriggerSpec::After, TriggerSpec::EachRow,
                                   TriggerSpec::Insert | TriggerSpec::Update, Counting::kArguments};
constexpr TriggerSpec kGoneSpec = {"count_gone", TriggerSpec::After, TriggerSpec::EachStatement,
                                   TriggerSpec::Delete, Counting::kArguments};
constexpr TriggerSpec kRowSpec = {"count_row", TriggerSpec::After, TriggerSpec::EachRow, kAnyRowEvent,
                                  Counting::kArguments};
constexpr TriggerSpec kPendingSpec = {"count_pending", TriggerSpec::After, TriggerSpec::EachStatement,
                                      kAnyRowEvent, Counting::kArguments};
constexpr TriggerSpec kTableSpec = {"count_table", TriggerSpec::After, TriggerSpec::EachStatement,
                                    TriggerSpec::Truncate, Counting::kArguments};
constexpr TriggerSpec kGuardSpec = {"guard_count", TriggerSpec::After, TriggerSpec::EachRow,
                                    TriggerSpec::Insert | TriggerSpec::Update, Counting::kArguments};

// What tells counters apart.
struct CounterKey {
    Oid parent;
    Oid child;
    int counter;
    bool retained; // of rows that retention takes

    friend bool operator==(const CounterKey &, const CounterKey &) = default;
};

CounterKey
KeyOf(const Counting &counting, bool retained) {
    return {counting.parent, counting.child, counting.counter.number, retained};
}

// Counts of partitioned tables. Only row triggers reach a partition that is written directly, and nothing
// tells the last row of a statement; so what they have added up waits for a trigger that the first one asks
// for, which the server fires after all that is waiting already.
constinit OfStatement<Net, CounterKey> pending;

// Whether this is the first row of a statement, which stands for all of them: cascades fire the same trigger
// for several statements, with a transition table for each.
bool
IsFirstRow(FunctionCallInfo fcinfo, const Tuplestorestate *rows) {
    const bool is_first = fcinfo->flinfo->fn_extra != rows;
    fcinfo->flinfo->fn_extra = const_cast<Tuplestorestate *>(rows);
    return is_first;
}

// Adds what the rows of a transition table count.
void
AddRows(Net *net, const Counting &counting, TupleDesc tuple_desc, Tuplestorestate *rows, int64 sign) {
    RowCounter counter(net, counting);
    EachRow(tuple_desc, rows, [&](TupleTableSlot *row) { counter.Add(row, sign); });
}

void
CountStatement(const TriggerData *trigger, Counting &counting, bool retained = false) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    Net net;
    AddRows(&net, counting, tuple_desc, trigger->tg_newtable, 1);
    AddRows(&net, counting, tuple_desc, trigger->tg_oldtable, -1);
    if (retained)
        RetainCounts(counting, &net);
    else if (counting.child_has_heirs)
        RecountOf(counting, &net);
    else
        WriteCounts(counting, &net);
}

// A trigger of the guard on the counter; null where the relation has none.
const Trigger *
GuardOf(Relation relation, const char *counter) {
    const TriggerDesc *triggers = CopyTriggerDesc(relation->trigdesc);
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
        const Trigger &trigger = triggers->triggers[i];
        if (KindOf(trigger.tgfoid) == &kGuardCount && trigger.tgnargs > 1 &&
            strcmp(trigger.tgargs[1], counter) == 0)
            return &trigger;
    }
    return nullptr;
}

// The triggers without which the counter would not follow.
void
ExpectTriggers(const Guarded &guarded, const Counting &counting, Findings *findings) {
    findings->Expect(guarded, counting.parent, kGuardCount, TRIGGER_TYPE_INSERT);
    const bool partitioned = get_rel_relkind(counting.child) == RELKIND_PARTITIONED_TABLE;
    for (const int16 event : {TRIGGER_TYPE_INSERT, TRIGGER_TYPE_UPDATE})
        findings->Expect(guarded, counting.child, partitioned ? kCountRow : kCountRows, event);
    findings->Expect(guarded, counting.child, partitioned ? kCountRow : kCountGone, TRIGGER_TYPE_DELETE);
    if (partitioned) {
        findings->Expect(guarded, counting.parent, kCountPending, TRIGGER_TYPE_UPDATE);
        findings->Expect(guarded, counting.child, kCountPending, TRIGGER_TYPE_INSERT);
    }
    findings->Expect(guarded, counting.child, kCountTable, TRIGGER_TYPE_TRUNCATE);
}

void
AddWrongCounts(Counting &counting, Findings *findings) {
    const CatalogPath path(CatalogPath::Force);
    const uint64 count = FindWrongCounts(counting, Access::Read);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const Uuid organization = ToUuid(row.Next()), key = ToUuid(row.Next());
        const int64 is = DatumGetInt64(row.Next()), should = DatumGetInt64(row.Next());
        findings->Add({counting.parent, "counts", &organization, &key,
                       psprintf("%s is %lld, and the rows of %s come to %lld", counting.counter.name,
                                static_cast<long long>(is), QualifiedName(counting.child),
                                static_cast<long long>(should))});
    }
}

// A counter is proven by the guard of its column on the parent.
void
CheckCounter(const Guarded &guarded, Findings *findings) {
    if (!TRIGGER_FOR_UPDATE(guarded.trigger.tgtype))
        return;
    Counting &counting = RuleOf<Counting>(guarded.relation, guarded.trigger);
    ExpectTriggers(guarded, counting, findings);
    TellProgress(counting.child, "counts");
    const AsOwner owner(counting.owner);
    const SpiConnection spi;
    AddWrongCounts(counting, findings);
}

// What counts needs that guard.
void
ExpectGuard(const Guarded &guarded, Findings *findings) {
    if (TRIGGER_FOR_INSERT(guarded.trigger.tgtype))
        findings->Expect(guarded, RuleOf<Counting>(guarded.relation, guarded.trigger).parent, kGuardCount,
                         TRIGGER_TYPE_UPDATE);
}

} // namespace

constinit const GuardKind kCountRows = {"count_rows", ReadRule<Counting>, ExpectGuard};
constinit const GuardKind kCountGone = {"count_gone", ReadRule<Counting>};
constinit const GuardKind kCountRow = {"count_row", ReadRule<Counting>, ExpectGuard};
constinit const GuardKind kCountPending = {"count_pending", ReadRule<Counting>};
constinit const GuardKind kCountTable = {"count_table", ReadRule<Counting>};
constinit const GuardKind kGuardCount = {"guard_count", ReadRule<Counting>, CheckCounter};

// Counts all rows of the statement when the first one comes: before foreign keys lock the parents, for what
// they lock while another transaction counts there costs a multixact.
LAUREL_FUNCTION(laurel_count_rows) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kRowsSpec);
    if (!IsFirstRow(fcinfo, RowsOfStatement(trigger)))
        return PointerGetDatum(nullptr);
    Counting &counting = RuleOf<Counting>(trigger);
    const AsOwner owner(counting.owner);
    const SpiConnection spi;
    CountStatement(trigger, counting);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_count_gone) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kGoneSpec);
    Counting &counting = RuleOf<Counting>(trigger);
    if (tuplestore_tuple_count(RowsOfStatement(trigger)) == 0)
        return PointerGetDatum(nullptr);
    const bool retained = DerivedWrite::Admits(fcinfo, DerivedWrite::Retention);
    const AsOwner owner(counting.owner);
    const SpiConnection spi;
    CountStatement(trigger, counting, retained);
    return PointerGetDatum(nullptr);
}

// A row of a partitioned table.
LAUREL_FUNCTION(laurel_count_row) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kRowSpec);
    Counting &counting = RuleOf<Counting>(trigger);
    const AsOwner owner(counting.owner);
    bool is_first;
    const bool is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
    const bool retained =
        TRIGGER_FIRED_BY_DELETE(trigger->tg_event) && DerivedWrite::Admits(fcinfo, DerivedWrite::Retention);
    Net *net = pending.Get(fcinfo, KeyOf(counting, retained), &is_first);
    RowCounter counter(net, counting);
    const bool is_insert = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
    counter.Add(trigger->tg_trigslot, is_insert ? 1 : -1);
    if (is_update)
        counter.Add(trigger->tg_newslot, 1);
    if (is_first) {
        const SpiConnection spi;
        counting.call_pending.RunLater();
    }
    return PointerGetDatum(nullptr);
}

// What the rows of a statement on a partitioned table have added up to.
LAUREL_FUNCTION(laurel_count_pending) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kPendingSpec);
    Counting &counting = RuleOf<Counting>(trigger);
    Net *net = pending.Take(fcinfo, KeyOf(counting, false));
    Net *retained = pending.Take(fcinfo, KeyOf(counting, true));
    if (net == nullptr && retained == nullptr)
        return PointerGetDatum(nullptr);
    const AsOwner owner(counting.owner);
    const SpiConnection spi;
    if (net != nullptr)
        WriteCounts(counting, net);
    if (retained != nullptr)
        RetainCounts(counting, retained);
    return PointerGetDatum(nullptr);
}

// Nobody else writes what is counted while it is truncated.
LAUREL_FUNCTION(laurel_count_table) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kTableSpec);
    Counting &counting = RuleOf<Counting>(trigger);
    const AsOwner owner(counting.owner);
    const SpiConnection spi;
    RecountAll(counting);
    return PointerGetDatum(nullptr);
}

// Fires where a row has arrived with another count: only what is counted writes it.
LAUREL_FUNCTION(laurel_guard_count) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kGuardSpec);
    const Counting &counting = RuleOf<Counting>(trigger);
    if (DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    const char *table = counting.parent_name.name, *counter = counting.counter.name;
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = psprintf("%s follows from the rows of \"%s\" and is not written directly", counter,
                                get_rel_name(counting.child)),
            .hint = psprintf(
                "Leave it out: inserting into and deleting from %s changes it, and a new row starts at 0."
                " A row trigger on \"%s\" must leave it alone too.",
                QualifiedName(counting.child), table),
            .schema = counting.parent_name.schema,
            .table = table,
            .constraint = psprintf("%s_%s_follows", table, counter)});
}

// laurel_internal.recount(parent, counter)
LAUREL_FUNCTION(laurel_recount) {
    Relation parent = relation_open(PG_GETARG_OID(0), RowExclusiveLock);
    const char *counter = NameStr(*PG_GETARG_NAME(1));
    const Trigger *guard = GuardOf(parent, counter);
    if (guard == nullptr)
        Refuse({.sqlstate = ERRCODE_UNDEFINED_OBJECT,
                .message = psprintf("no guard keeps column \"%s\" of \"%s\"", counter,
                                    RelationGetRelationName(parent)),
                .hint = "Attach one with laurel_internal.counts()."});
    Counting &counting = RuleOf<Counting>(parent, *guard);
    {
        const AsOwner owner(counting.owner);
        const SpiConnection spi;
        LockRelationOid(counting.child, ShareRowExclusiveLock);
        RecountAll(counting);
    }
    relation_close(parent, NoLock);
    PG_RETURN_VOID();
}

} // namespace laurel::guards
