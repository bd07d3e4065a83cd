// Columns that never change, and tables whose rows never do. A restore makes the triggers after the rows.

#include "guards/keep.h"

#include "guards/check.h"
#include "guards/derived_write.h"
#include "guards/gone.h"
#include "postgres/list.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::guards {

namespace {

constexpr TriggerSpec kKeepColumnsSpec = {"keep_columns", TriggerSpec::After, TriggerSpec::EachRow,
                                          TriggerSpec::Update, TriggerSpec::kSomeArguments};
constexpr TriggerSpec kKeepMovingSpec = {"keep_moving", TriggerSpec::Before, TriggerSpec::EachRow,
                                         TriggerSpec::Update, TriggerSpec::kSomeArguments};
constexpr TriggerSpec kKeepRowsSpec = {"keep_rows", TriggerSpec::Before, TriggerSpec::EachRow,
                                       TriggerSpec::Update | TriggerSpec::Delete, 1};
constexpr TriggerSpec kKeepTableSpec = {"keep_table", TriggerSpec::Before, TriggerSpec::EachStatement,
                                        TriggerSpec::Truncate, 1};

// The columns that do not change.
struct KeptColumns {
    explicit KeptColumns(Arguments &arguments)
        : table(arguments.root_name()), count(arguments.count()), columns(NewList<GuardedColumn>(count)) {
        for (int i = 0; i < count; i++)
            columns[i] = arguments.Column(i, arguments.table(), InvalidOid);
    }

    TableName table;
    int count;
    GuardedColumn *columns;
};

// The table that is history, and what to do instead of changing it.
struct History {
    explicit History(Arguments &arguments) : table(arguments.root_name()), hint(arguments.Text(0)) {}

    TableName table;
    const char *hint;
};

// Whether the update has changed the column. A reference goes with the row it referred to.
bool
Differs(const TriggerData *trigger, int column) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    const FormData_pg_attribute *attribute = TupleDescAttr(tuple_desc, column - 1);
    bool old_null, new_null;
    const Datum before = heap_getattr(trigger->tg_trigtuple, column, tuple_desc, &old_null);
    const Datum after = heap_getattr(trigger->tg_newtuple, column, tuple_desc, &new_null);
    if (old_null == new_null)
        return !old_null && !datum_image_eq(before, after, attribute->attbyval, attribute->attlen);
    return !IsReferenceGone(trigger, column);
}

void
RequireKept(const TriggerData *trigger, FunctionCallInfo fcinfo) {
    const KeptColumns &kept = RuleOf<KeptColumns>(trigger);
    const GuardedColumn *const begin = kept.columns, *const end = begin + kept.count;
    const GuardedColumn *changed = std::find_if(
        begin, end, [trigger](const GuardedColumn &column) { return Differs(trigger, column.number); });
    if (changed == end || DerivedWrite::Admits(fcinfo))
        return;
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = psprintf("%s of a row of \"%s\" does not change", changed->name, kept.table.name),
            .hint = "Delete the row and insert a new one instead.",
            .schema = kept.table.schema,
            .table = kept.table.name,
            .constraint = psprintf("%s_%s_immutable", kept.table.name, changed->name)});
}

[[noreturn]] void
RefuseHistory(const History &history) {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = psprintf("rows of \"%s\" are history: they are neither changed nor deleted",
                                history.table.name),
            .hint = history.hint,
            .schema = history.table.schema,
            .table = history.table.name,
            .constraint = psprintf("%s_history", history.table.name)});
}

void
ExpectMoving(const Guarded &guarded, Findings *findings) {
    if (guarded.relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
        findings->Expect(guarded, RelationGetRelid(guarded.relation), kKeepMoving, TRIGGER_TYPE_UPDATE);
}

void
ExpectTable(const Guarded &guarded, Findings *findings) {
    findings->Expect(guarded, RelationGetRelid(guarded.relation), kKeepTable, TRIGGER_TYPE_TRUNCATE);
}

void
ExpectRows(const Guarded &guarded, Findings *findings) {
    for (const int16 event : {TRIGGER_TYPE_UPDATE, TRIGGER_TYPE_DELETE})
        findings->Expect(guarded, RelationGetRelid(guarded.relation), kKeepRows, event);
}

} // namespace

constinit const GuardKind kKeepColumns = {"keep_columns", ReadRule<KeptColumns>, ExpectMoving};
constinit const GuardKind kKeepMoving = {"keep_moving", ReadRule<KeptColumns>};
constinit const GuardKind kKeepRows = {"keep_rows", ReadRule<History>, ExpectTable};
constinit const GuardKind kKeepTable = {"keep_table", ReadRule<History>, ExpectRows};

// Looks at the row as it has arrived, after what triggers of the application made of it.
LAUREL_FUNCTION(laurel_keep_columns) {
    RequireKept(CheckTrigger(fcinfo, kKeepColumnsSpec), fcinfo);
    return PointerGetDatum(nullptr);
}

// Looks at it before it leaves its partition: an update that moves a row fires no AFTER UPDATE trigger.
LAUREL_FUNCTION(laurel_keep_moving) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepMovingSpec);
    RequireKept(trigger, fcinfo);
    return PointerGetDatum(trigger->tg_newtuple);
}

LAUREL_FUNCTION(laurel_keep_rows) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepRowsSpec);
    const History &history = RuleOf<History>(trigger);
    if (!DerivedWrite::Admits(fcinfo))
        RefuseHistory(history);
    return PointerGetDatum(TriggerRow(trigger));
}

LAUREL_FUNCTION(laurel_keep_table) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepTableSpec);
    RefuseHistory(RuleOf<History>(trigger));
}

} // namespace laurel::guards
