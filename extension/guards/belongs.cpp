// Rows that take from their parent what it says: the organization, copies of columns, and whether they may be
// there at all. A restore makes the triggers after the rows.

#include "guards/belongs.h"

#include "guards/belonging.h"
#include "postgres/list.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::guards {

namespace {

constexpr int kWrites = TriggerSpec::Insert | TriggerSpec::Update;

constexpr TriggerSpec kBelongSpec = {"belong", TriggerSpec::Before, TriggerSpec::EachRow, kWrites,
                                     TriggerSpec::kSomeArguments};
constexpr TriggerSpec kCheckBelongingSpec = {"check_belonging", TriggerSpec::After, TriggerSpec::EachRow,
                                             kWrites, TriggerSpec::kSomeArguments};

// A value of a row.
struct Value {
    Datum datum;
    bool is_null;
};

Value
ValueOf(HeapTuple row, const TriggerData *trigger, const GuardedColumn &column) {
    Value value;
    value.datum = heap_getattr(row, column.number, RelationGetDescr(trigger->tg_relation), &value.is_null);
    return value;
}

bool
Same(const Value &a, const Value &b, const GuardedColumn &column) {
    if (a.is_null || b.is_null)
        return a.is_null == b.is_null;
    return datum_image_eq(a.datum, b.datum, column.by_value, column.length);
}

// The row that the trigger is for, as it is to be.
HeapTuple
NewRow(const TriggerData *trigger) {
    return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
}

// Whether an update leaves the column as it was.
bool
IsUntouched(const TriggerData *trigger, const GuardedColumn &column) {
    return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
           Same(ValueOf(trigger->tg_trigtuple, trigger, column),
                ValueOf(trigger->tg_newtuple, trigger, column), column);
}

[[noreturn]] void
RefuseMissing(const Belonging &b, const Uuid &key) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("%s of a row of \"%s\" refers to no row of \"%s\"", b.link.name, b.table.name,
                                get_rel_name(b.parent)),
            .detail = psprintf("Key (%s)=(%s) is not present in table \"%s\".", b.link.name, UuidText(key),
                               get_rel_name(b.parent)),
            .schema = b.table.schema,
            .table = b.table.name,
            .constraint = b.constraint});
}

[[noreturn]] void
RefuseClosed(const Belonging &b, const Uuid &key) {
    Refuse({.message = psprintf("the row of \"%s\" that %s refers to takes no rows of \"%s\" now",
                                get_rel_name(b.parent), b.link.name, b.table.name),
            .detail = psprintf("Row %s would need %s.", UuidText(key), b.condition.sql()),
            .hint = psprintf("Update the row of \"%s\" first, or refer to another.", get_rel_name(b.parent)),
            .schema = b.table.schema,
            .table = b.table.name,
            .constraint = psprintf("%s_%s_required", b.table.name, b.link.name)});
}

[[noreturn]] void
RefuseCopy(const Belonging &b, const GuardedColumn &copy) {
    Refuse({.message = psprintf("%s of a row of \"%s\" is not what its row of \"%s\" says", copy.name,
                                b.table.name, get_rel_name(b.parent)),
            .hint = psprintf("Leave it out: the database takes it from %s.", QualifiedName(b.parent)),
            .schema = b.table.schema,
            .table = b.table.name,
            .constraint = psprintf("%s_%s_copied", b.table.name, copy.name)});
}

// Changes to a row, made at once.
class Changes {
public:
    explicit Changes(int most)
        : columns_(NewList<int>(most)), values_(NewList<Datum>(most)), nulls_(NewList<bool>(most)) {}

    void Set(const GuardedColumn &column, const Value &value) {
        columns_[count_] = column.number;
        values_[count_] = value.datum;
        nulls_[count_++] = value.is_null;
    }

    HeapTuple Made(HeapTuple row, const TriggerData *trigger) const {
        if (count_ == 0)
            return row;
        return heap_modify_tuple_by_cols(row, RelationGetDescr(trigger->tg_relation), count_, columns_,
                                         values_, nulls_);
    }

private:
    int *columns_;
    Datum *values_;
    bool *nulls_;
    int count_ = 0;
};

// The parent that the row names, which must be there and take it; null where the row names none.
const Parent *
ParentOf(FunctionCallInfo fcinfo, const TriggerData *trigger, const Belonging &b) {
    const HeapTuple row = NewRow(trigger);
    const Value link = ValueOf(row, trigger, b.link), organization = ValueOf(row, trigger, b.organization);
    if (link.is_null || (organization.is_null && TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)))
        return nullptr;
    const Uuid key = ToUuid(link.datum), in = organization.is_null ? Uuid{} : ToUuid(organization.datum);
    const Parent &parent = Parents::Of(fcinfo, b).Find(organization.is_null ? nullptr : &in, key);
    if (!parent.found)
        RefuseMissing(b, key);
    if (!parent.admits && !IsUntouched(trigger, b.link))
        RefuseClosed(b, key);
    return &parent;
}

// Fills in what the row leaves out, or what an update to another parent leaves as it was; checks the rest.
HeapTuple
Completed(const TriggerData *trigger, const Belonging &b, const Parent &parent) {
    const HeapTuple row = NewRow(trigger);
    const bool same_parent = IsUntouched(trigger, b.link);
    Changes changes(b.copy_count + 1);
    if (ValueOf(row, trigger, b.organization).is_null)
        changes.Set(b.organization, {FromUuid(parent.organization), false});
    for (int i = 0; i < b.copy_count; i++) {
        const GuardedColumn &copy = b.copies[i];
        const Value is = ValueOf(row, trigger, copy), should = {parent.copies[i], parent.nulls[i]};
        if (Same(is, should, copy))
            continue;
        const bool untouched = IsUntouched(trigger, copy);
        if (same_parent && untouched)
            continue;
        if (!is.is_null && !untouched)
            RefuseCopy(b, copy);
        changes.Set(copy, should);
    }
    return changes.Made(row, trigger);
}

// Whether the copies are the parent's, where the row is new, is at another parent or changes them.
void
CheckCopies(const TriggerData *trigger, const Belonging &b, const Parent &parent) {
    const bool same_parent = IsUntouched(trigger, b.link);
    for (int i = 0; i < b.copy_count; i++) {
        const GuardedColumn &copy = b.copies[i];
        if (same_parent && IsUntouched(trigger, copy))
            continue;
        if (!Same(ValueOf(NewRow(trigger), trigger, copy), {parent.copies[i], parent.nulls[i]}, copy))
            RefuseCopy(b, copy);
    }
}

} // namespace

constinit const GuardKind kBelong = {"belong", ReadRule<Belonging>};
constinit const GuardKind kCheckBelonging = {"check_belonging", ReadRule<Belonging>};

LAUREL_FUNCTION(laurel_belong) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kBelongSpec);
    const Belonging &belonging = RuleOf<Belonging>(trigger);
    const Parent *parent = ParentOf(fcinfo, trigger, belonging);
    return PointerGetDatum(parent == nullptr ? NewRow(trigger) : Completed(trigger, belonging, *parent));
}

// Looks at the row as it has arrived, where triggers of the application may have changed it since, and at
// what is required of a parent that counts its rows: by now it is locked, and says what has been committed.
LAUREL_FUNCTION(laurel_check_belonging) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kCheckBelongingSpec);
    const Belonging &belonging = RuleOf<Belonging>(trigger);
    const bool asks_again = belonging.is_counted && !belonging.condition.is_always();
    if (!asks_again && !Parents::Of(fcinfo, belonging).RowsMayChange(trigger, "a_belongs"))
        return PointerGetDatum(nullptr);
    const Parent *parent = ParentOf(fcinfo, trigger, belonging);
    if (parent != nullptr)
        CheckCopies(trigger, belonging, *parent);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::guards
