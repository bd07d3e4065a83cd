// Which state of a row may follow which, and when it came to that. A restore makes the triggers after the
// rows; rows are inserted in any state.

#include "guards/states.h"

#include "guards/check.h"
#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/owner.h"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace laurel::guards {

namespace {

constexpr int kArguments = 3;

constexpr TriggerSpec kStepSpec = {"step_state", TriggerSpec::Before, TriggerSpec::EachRow,
                                   TriggerSpec::Update, kArguments};
constexpr TriggerSpec kCheckStepSpec = {"check_step", TriggerSpec::After, TriggerSpec::EachRow,
                                        TriggerSpec::Update, kArguments};

// A state, what may follow it, and the column that says when it came; none where its number is 0.
struct State {
    std::string_view name;
    std::string_view *followers;
    int follower_count;
    GuardedColumn stamp;
};

std::string_view
Copied(const JsonbValue &text) {
    return {pnstrdup(text.val.string.val, static_cast<Size>(text.val.string.len)),
            static_cast<size_t>(text.val.string.len)};
}

// An object of jsonb in an argument, whose members are read one by one.
class Members {
public:
    Members(const Arguments &arguments, int index) : arguments_(arguments), text_(arguments.Text(index)) {
        Jsonb *object = nullptr;
        arguments.Read([&object, this] {
            object = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text_)));
        });
        if (!JB_ROOT_IS_OBJECT(object))
            Refuse();
        count_ = static_cast<int>(JB_ROOT_COUNT(object));
        members_ = JsonbIteratorInit(&object->root);
        JsonbValue begin;
        JsonbIteratorNext(&members_, &begin, true);
    }

    int count() const { return count_; }

    bool Next(std::string_view *name, JsonbValue *value) {
        JsonbValue key;
        if (JsonbIteratorNext(&members_, &key, true) != WJB_KEY)
            return false;
        *name = Copied(key);
        JsonbIteratorNext(&members_, value, true);
        return true;
    }

    [[noreturn]] void Refuse() const {
        arguments_.Refuse(psprintf("says \"%s\", which does not say which state follows which", text_));
    }

private:
    const Arguments &arguments_;
    const char *text_;
    int count_;
    JsonbIterator *members_;
};

// The states of a column.
struct States {
    explicit States(Arguments &arguments);

    State *Find(std::string_view name) const {
        State *end = states + count;
        State *state = std::find_if(states, end, [name](const State &other) { return other.name == name; });
        return state == end ? nullptr : state;
    }

    TableName table;
    GuardedColumn column;
    int count = 0;
    State *states = nullptr;

private:
    void ReadFollowers(State *state, const JsonbValue &list, const Members &members);
    void ReadStamps(Arguments &arguments);
};

States::States(Arguments &arguments)
    : table(arguments.root_name()), column(arguments.Column(0, arguments.table(), TEXTOID)) {
    Members members(arguments, 1);
    states = static_cast<State *>(palloc0(sizeof(State) * static_cast<size_t>(members.count())));
    JsonbValue list;
    for (; count < members.count() && members.Next(&states[count].name, &list); count++)
        ReadFollowers(&states[count], list, members);
    ReadStamps(arguments);
}

void
States::ReadFollowers(State *state, const JsonbValue &list, const Members &members) {
    if (list.type != jbvBinary || !JsonContainerIsArray(list.val.binary.data))
        members.Refuse();
    const uint32 size = JsonContainerSize(list.val.binary.data);
    state->followers = NewList<std::string_view>(size);
    for (uint32 i = 0; i < size; i++) {
        const JsonbValue *follower = getIthJsonbValueFromContainer(list.val.binary.data, i);
        if (follower->type != jbvString)
            members.Refuse();
        state->followers[state->follower_count++] = Copied(*follower);
    }
}

void
States::ReadStamps(Arguments &arguments) {
    Members stamps(arguments, 2);
    std::string_view name;
    JsonbValue stamp;
    while (stamps.Next(&name, &stamp)) {
        State *state = Find(name);
        if (state == nullptr || stamp.type != jbvString)
            stamps.Refuse();
        state->stamp = arguments.ColumnNamed(Copied(stamp).data(), arguments.table(), TIMESTAMPTZOID);
    }
}

// The state of a row; empty where it is null.
std::string_view
StateIn(HeapTuple row, const TriggerData *trigger, const States &states) {
    bool is_null;
    const Datum value =
        heap_getattr(row, states.column.number, RelationGetDescr(trigger->tg_relation), &is_null);
    return is_null ? std::string_view() : ToText(value);
}

const char *
WhatMayFollow(const State *state, std::string_view name) {
    StringInfoData text;
    initStringInfo(&text);
    appendStringInfo(&text, "After %s: ", CString(name));
    for (int i = 0; state != nullptr && i < state->follower_count; i++)
        appendStringInfo(&text, "%s%s", i == 0 ? "" : ", ", state->followers[i].data());
    if (state == nullptr || state->follower_count == 0)
        appendStringInfoString(&text, "nothing");
    appendStringInfoChar(&text, '.');
    return text.data;
}

bool
MayFollow(const State *state, std::string_view next) {
    const std::string_view *begin = state->followers, *end = begin + state->follower_count;
    return std::find(begin, end, next) != end;
}

[[noreturn]] void
RefuseStep(const States &states, std::string_view before, std::string_view after) {
    const bool is_null = after.data() == nullptr;
    Refuse({.message = psprintf("%s of a row of \"%s\" cannot become %s after %s", states.column.name,
                                states.table.name, is_null ? "null" : CString(after), CString(before)),
            .hint = WhatMayFollow(states.Find(before), before),
            .schema = states.table.schema,
            .table = states.table.name,
            .constraint = psprintf("%s_%s_steps", states.table.name, states.column.name)});
}

// Refuses a step that is none of the table's; the state it comes to.
const State *
Step(const TriggerData *trigger, const States &states) {
    const std::string_view before = StateIn(trigger->tg_trigtuple, trigger, states);
    const std::string_view after = StateIn(trigger->tg_newtuple, trigger, states);
    const State *from = states.Find(before);
    if (before != after && (from == nullptr || !MayFollow(from, after)))
        RefuseStep(states, before, after);
    return states.Find(after);
}

HeapTuple
Stamped(const TriggerData *trigger, const State *state) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    if (state == nullptr || state->stamp.number == 0 ||
        !heap_attisnull(trigger->tg_newtuple, state->stamp.number, tuple_desc))
        return trigger->tg_newtuple;
    int column = state->stamp.number;
    Datum now = TimestampTzGetDatum(GetCurrentTimestamp());
    bool is_null = false;
    return heap_modify_tuple_by_cols(trigger->tg_newtuple, tuple_desc, 1, &column, &now, &is_null);
}

Statement has_check = Statement(R"(
    SELECT FROM pg_catalog.pg_constraint
    WHERE conrelid = $1 AND contype = 'c' AND convalidated AND conkey = ARRAY[$2]::pg_catalog.int2[])",
                                OIDOID, INT4OID);

Statement
FindUnknown(Oid table, const States &states) {
    const char *column = quote_identifier(states.column.name);
    return Statement(psprintf("SELECT %s, %s, %s FROM %s WHERE (%s = ANY ($1)) IS NOT TRUE",
                              UuidColumn(table, "organization_id"), UuidColumn(table, "id"), column,
                              OnlyName(table), column),
                     TEXTARRAYOID)
        .Returns(UUIDOID, UUIDOID, TEXTOID);
}

Datum
Names(const States &states) {
    Column names(TEXTOID, states.count);
    for (int i = 0; i < states.count; i++)
        names.Add(FromText(states.states[i].name));
    return names.Array();
}

void
AddUnknown(Oid table, const States &states, Findings *findings) {
    const uint64 count = FindUnknown(table, states).RunOnce(Access::Write, {Names(states)});
    for (uint64 i = 0; i < count; i++) {
        bool no_organization, no_id;
        const Datum organization_value = Field(i, 1, &no_organization), id_value = Field(i, 2, &no_id);
        const Uuid organization = no_organization ? Uuid{} : ToUuid(organization_value);
        const Uuid id = no_id ? Uuid{} : ToUuid(id_value);
        const char *state = TextField(i, 3);
        findings->Add({table, "states", no_organization ? nullptr : &organization, no_id ? nullptr : &id,
                       psprintf("%s is %s, which is no state", states.column.name,
                                state == nullptr ? "null" : psprintf("\"%s\"", state))});
    }
}

void
CheckStates(const Guarded &guarded, Findings *findings) {
    const States &states = RuleOf<States>(guarded.relation, guarded.trigger);
    const Oid table = RelationGetRelid(guarded.relation);
    findings->Expect(guarded, table, kCheckStep, TRIGGER_TYPE_UPDATE);
    TellProgress(table, "states");
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Datum values[] = {ObjectIdGetDatum(table), Int32GetDatum(states.column.number)};
    if (has_check.Run(Access::Write, values) == 0)
        findings->Add({table, "states", nullptr, nullptr,
                       psprintf("no valid CHECK holds the states of %s", states.column.name)});
    AddUnknown(table, states, findings);
}

void
ExpectStep(const Guarded &guarded, Findings *findings) {
    findings->Expect(guarded, RelationGetRelid(guarded.relation), kStepState, TRIGGER_TYPE_UPDATE);
}

} // namespace

constinit const GuardKind kStepState = {"step_state", ReadRule<States>, CheckStates};
constinit const GuardKind kCheckStep = {"check_step", ReadRule<States>, ExpectStep};

LAUREL_FUNCTION(laurel_step_state) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kStepSpec);
    const States &states = RuleOf<States>(trigger);
    return PointerGetDatum(Stamped(trigger, Step(trigger, states)));
}

// Looks at the row as it has arrived: triggers of the application may have changed the state since.
LAUREL_FUNCTION(laurel_check_step) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kCheckStepSpec);
    Step(trigger, RuleOf<States>(trigger));
    return PointerGetDatum(nullptr);
}

} // namespace laurel::guards
