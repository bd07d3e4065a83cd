#include "guards/check.h"

#include "guards/organizations.h"
#include "postgres/error.h"
#include "postgres/halving.h"
#include "postgres/owner.h"

extern "C" {
#include "catalog/pg_inherits.h"
}

namespace laurel::guards {

namespace {

// Rows of which reading takes so long that one wants to hear of it.
constexpr float4 kManyRows = 100000;

// A trigger of an open relation, by whatever `is` says; null where there is none. A copy: what the relation
// knows of its triggers may be replaced at any time.
template <typename Is>
const Trigger *
FindTrigger(Relation relation, Is is) {
    const TriggerDesc *triggers = CopyTriggerDesc(relation->trigdesc);
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++)
        if (is(triggers->triggers[i]))
            return &triggers->triggers[i];
    return nullptr;
}

// Whether the arguments can be read; else a finding says what is wrong with them.
bool
ReadArguments(const Attached &guard, Relation relation, const Trigger &trigger, Findings *findings) {
    const ErrorData *error =
        InSubtransaction([&guard, relation, &trigger] { guard.kind->read(relation, trigger); });
    if (error == nullptr)
        return true;
    if (StopsBatch(error->sqlerrcode))
        ReThrowError(const_cast<ErrorData *>(error));
    findings->Add({guard.table, "arguments", nullptr, nullptr, error->message});
    return false;
}

void
CheckGuard(const Attached &guard, const AttachedGuards &all, Findings *findings) {
    Relation relation = try_relation_open(guard.table, AccessShareLock);
    if (relation == nullptr)
        return;
    const Trigger *trigger =
        FindTrigger(relation, [&guard](const Trigger &other) { return other.tgoid == guard.trigger; });
    if (trigger != nullptr && ReadArguments(guard, relation, *trigger, findings) &&
        guard.kind->check != nullptr && !relation->rd_rel->relispartition)
        guard.kind->check({relation, *trigger, all}, findings);
    relation_close(relation, NoLock);
}

// Statement triggers do not come to partitions by themselves.
void
CheckPartitions(const Attached &guard, const AttachedGuards &all, Findings *findings) {
    if (!guard.is_apiece || get_rel_relkind(guard.table) != RELKIND_PARTITIONED_TABLE)
        return;
    ListCell *cell;
    foreach (cell, find_all_inheritors(guard.table, NoLock, nullptr)) {
        const Oid partition = lfirst_oid(cell);
        const bool has = std::any_of(all.begin(), all.end(), [&guard, partition](const Attached &other) {
            return other.table == partition && other.kind == guard.kind &&
                   strcmp(other.name, guard.name) == 0;
        });
        if (!has)
            findings->Add({partition, "triggers", nullptr, nullptr,
                           psprintf("trigger \"%s\" is missing: SELECT laurel_internal.guard_partition('%s')",
                                    guard.name, QualifiedName(partition))});
    }
}

// Checks one table, or all where there is none given.
void
Check(Oid only, Findings *findings) {
    const AttachedGuards all;
    const List *tree = OidIsValid(only) ? find_all_inheritors(only, NoLock, nullptr) : NIL;
    Oid table = InvalidOid;
    for (const Attached &guard : all) {
        CHECK_FOR_INTERRUPTS();
        if (get_rel_name(guard.table) == nullptr || (tree != NIL && !list_member_oid(tree, guard.table)))
            continue;
        if (!guard.is_enabled)
            findings->Add({guard.table, "triggers", nullptr, nullptr,
                           psprintf("trigger \"%s\" is disabled", guard.name)});
        if (!guard.is_clone)
            CheckGuard(guard, all, findings);
        CheckPartitions(guard, all, findings);
        if (guard.table != table && !get_rel_relispartition(guard.table))
            CheckOrganizations(guard.table, findings);
        table = guard.table;
    }
}

const char *
EventName(int16 event) {
    switch (event) {
    case TRIGGER_TYPE_INSERT:
        return "INSERT";
    case TRIGGER_TYPE_UPDATE:
        return "UPDATE";
    case TRIGGER_TYPE_DELETE:
        return "DELETE";
    }
    return "TRUNCATE";
}

} // namespace

void
Findings::Add(const Finding &finding) {
    Datum values[5] = {};
    bool nulls[5] = {false, false, finding.organization == nullptr, finding.row == nullptr, false};
    values[0] = FromText(QualifiedName(finding.table));
    values[1] = FromText(finding.guard);
    if (finding.organization != nullptr)
        values[2] = FromUuid(*finding.organization);
    if (finding.row != nullptr)
        values[3] = FromUuid(*finding.row);
    values[4] = FromText(finding.problem);
    tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls);
}

void
Findings::Expect(const Guarded &guarded, Oid table, const GuardKind &kind, int16 event) {
    if (!guarded.all.Has(table, kind, event, guarded.trigger))
        Add({table, "triggers", nullptr, nullptr,
             psprintf("trigger %s() for %s, which trigger \"%s\" of %s needs, is missing", kind.function,
                      EventName(event), guarded.trigger.tgname,
                      QualifiedName(RelationGetRelid(guarded.relation)))});
}

void
TellProgress(Oid table, const char *what) {
    Relation relation = table_open(table, AccessShareLock);
    const float4 rows = relation->rd_rel->reltuples;
    table_close(relation, NoLock);
    ereport(rows < kManyRows ? DEBUG1 : NOTICE,
            (errmsg("checking %s: about %.0f rows of %s", what, std::max(rows, 0.0F), QualifiedName(table))));
}

const char *
UuidColumn(Oid table, const char *column) {
    const AttrNumber number = get_attnum(table, column);
    return number > 0 && get_atttype(table, number) == UUIDOID ? column : "NULL::uuid";
}

// laurel.check(only_table)
LAUREL_FUNCTION(laurel_check) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    Findings findings(reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo));
    const Oid only = PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0);
    if (OidIsValid(only) && get_rel_name(only) == nullptr)
        Refuse({.sqlstate = ERRCODE_UNDEFINED_TABLE, .message = psprintf("there is no table %u", only)});
    Check(only, &findings);
    return 0;
}

// laurel_internal.read_guard(table, trigger)
LAUREL_FUNCTION(laurel_read_guard) {
    Relation relation = relation_open(PG_GETARG_OID(0), AccessShareLock);
    const char *name = NameStr(*PG_GETARG_NAME(1));
    const Trigger *trigger =
        FindTrigger(relation, [name](const Trigger &other) { return strcmp(other.tgname, name) == 0; });
    const GuardKind *kind = trigger == nullptr ? nullptr : KindOf(trigger->tgfoid);
    if (kind == nullptr)
        Refuse({.sqlstate = ERRCODE_UNDEFINED_OBJECT,
                .message = psprintf("table \"%s\" has no guard's trigger \"%s\"",
                                    RelationGetRelationName(relation), name)});
    kind->read(relation, *trigger);
    relation_close(relation, NoLock);
    PG_RETURN_VOID();
}

} // namespace laurel::guards
