// Optimistic locks: an update names the version that it was made of, and fails where the row has another one.
// A restore makes the triggers after the rows.

#include "guards/versions.h"

#include "guards/check.h"
#include "guards/counts.h"
#include "postgres/owner.h"

extern "C" {
#include "access/sysattr.h"
#include "nodes/bitmapset.h"
}

namespace laurel::guards {

namespace {

constexpr TriggerSpec kRaiseSpec = {"raise_version", TriggerSpec::Before, TriggerSpec::EachRow,
                                    TriggerSpec::Update, 2};
constexpr TriggerSpec kCheckSpec = {"check_version", TriggerSpec::After, TriggerSpec::EachRow,
                                    TriggerSpec::Update, 2};

int
Bit(int column) {
    return column - FirstLowInvalidHeapAttributeNumber;
}

// The columns of the table that counters are kept in.
Bitmapset *
Counters(const Arguments &arguments) {
    Bitmapset *counters = nullptr;
    const TriggerDesc &siblings = arguments.siblings();
    for (int i = 0; i < siblings.numtriggers; i++) {
        const Trigger &trigger = siblings.triggers[i];
        if (KindOf(trigger.tgfoid) == &kGuardCount && trigger.tgnargs > 1)
            counters = bms_add_member(counters, Bit(get_attnum(arguments.table(), trigger.tgargs[1])));
    }
    return counters;
}

// The arguments column, and "required" or "".
struct Versions {
    explicit Versions(Arguments &arguments)
        : table(arguments.root_name()), column(arguments.Column(0, arguments.table(), INT8OID)),
          is_required(strcmp(arguments.Text(1), "required") == 0), counters(Counters(arguments)) {}

    TableName table;
    GuardedColumn column;
    bool is_required;
    Bitmapset *counters;
};

int64
VersionOf(HeapTuple row, const TriggerData *trigger, const Versions &versions) {
    bool is_null;
    const Datum value =
        heap_getattr(row, versions.column.number, RelationGetDescr(trigger->tg_relation), &is_null);
    return is_null ? 0 : DatumGetInt64(value);
}

[[noreturn]] void
RefuseStale(const Versions &versions, const char *message, const char *detail, const char *hint) {
    Refuse({.sqlstate = kConflict,
            .message = psprintf(message, versions.table.name),
            .detail = detail,
            .hint = hint,
            .schema = versions.table.schema,
            .table = versions.table.name,
            .constraint = psprintf("%s_%s", versions.table.name, versions.column.name)});
}

// Counters alone follow from other rows: whoever edits the row has nothing to read anew.
bool
CountsOnly(const TriggerData *trigger, const Versions &versions) {
    return versions.counters != nullptr && bms_is_subset(trigger->tg_updatedcols, versions.counters);
}

void
CheckNamed(const TriggerData *trigger, const Versions &versions) {
    if (versions.is_required && !bms_is_member(Bit(versions.column.number), trigger->tg_updatedcols) &&
        !IsTrusted(RelationGetRelid(trigger->tg_relation)))
        RefuseStale(versions, "an update of \"%s\" must name the version that it was made of", nullptr,
                    psprintf("Read %s with the row, and set it to what was read.", versions.column.name));
}

} // namespace

constinit const GuardKind kRaiseVersion = {
    "raise_version", ReadRule<Versions>, [](const Guarded &guarded, Findings *findings) {
        findings->Expect(guarded, RelationGetRelid(guarded.relation), kCheckVersion, TRIGGER_TYPE_UPDATE);
    }};
constinit const GuardKind kCheckVersion = {
    "check_version", ReadRule<Versions>, [](const Guarded &guarded, Findings *findings) {
        findings->Expect(guarded, RelationGetRelid(guarded.relation), kRaiseVersion, TRIGGER_TYPE_UPDATE);
    }};

LAUREL_FUNCTION(laurel_raise_version) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kRaiseSpec);
    const Versions &versions = RuleOf<Versions>(trigger);
    const int64 is = VersionOf(trigger->tg_trigtuple, trigger, versions);
    const int64 read = VersionOf(trigger->tg_newtuple, trigger, versions);
    if (is != read)
        RefuseStale(versions, "the row of \"%s\" has changed since it was read",
                    psprintf("It has version %lld, the update was made of version %lld.",
                             static_cast<long long>(is), static_cast<long long>(read)),
                    "Read it again, make the change of what it says now, and update it with that version.");
    if (CountsOnly(trigger, versions))
        return PointerGetDatum(trigger->tg_newtuple);
    CheckNamed(trigger, versions);
    int column = versions.column.number;
    int64 next;
    if (pg_add_s64_overflow(is, 1, &next))
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("bigint out of range")));
    Datum value = Int64GetDatum(next);
    bool is_null = false;
    return PointerGetDatum(heap_modify_tuple_by_cols(
        trigger->tg_newtuple, RelationGetDescr(trigger->tg_relation), 1, &column, &value, &is_null));
}

// Comes where the version of a row that has arrived is not one more than it was.
LAUREL_FUNCTION(laurel_check_version) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kCheckSpec);
    const Versions &versions = RuleOf<Versions>(trigger);
    const int64 was = VersionOf(trigger->tg_trigtuple, trigger, versions);
    const int64 is = VersionOf(trigger->tg_newtuple, trigger, versions);
    if (is - 1 == was || (is == was && CountsOnly(trigger, versions)))
        return PointerGetDatum(nullptr);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = psprintf("%s of a row of \"%s\" is raised by the database alone", versions.column.name,
                                versions.table.name),
            .detail = "A trigger of the application has set it after the database did.",
            .schema = versions.table.schema,
            .table = versions.table.name,
            .constraint = psprintf("%s_%s", versions.table.name, versions.column.name)});
}

} // namespace laurel::guards
