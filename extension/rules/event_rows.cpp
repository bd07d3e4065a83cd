// The trigger of domain_events: what has happened is looked at by the rules of its type.

#include "guards/transition_rows.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/trigger.h"
#include "rules/chain.h"
#include "rules/firing.h"

namespace laurel::rules {

namespace {

constexpr TriggerSpec kRunRules = {"run_rules", TriggerSpec::After, TriggerSpec::EachStatement,
                                   TriggerSpec::Insert};

// Reads events from rows of domain_events.
class EventReader {
public:
    explicit EventReader(TupleDesc columns)
        : id_(Attribute(columns, "id", UUIDOID)),
          organization_(Attribute(columns, "organization_id", UUIDOID)),
          user_(Attribute(columns, "user_id", UUIDOID)), type_(Attribute(columns, "type", TEXTOID)),
          data_(Attribute(columns, "data", JSONBOID)),
          at_(Attribute(columns, "occurred_at", TIMESTAMPTZOID)) {}

    Uuid OrganizationOf(TupleTableSlot *row) const { return ToUuid(Value(row, organization_)); }
    std::string_view TypeOf(TupleTableSlot *row) const { return ToText(Value(row, type_)); }

    // In the current memory context.
    Event Read(TupleTableSlot *row) const {
        return {ToUuid(Value(row, id_)),
                OrganizationOf(row),
                ToUuid(Value(row, user_)),
                DatumGetTimestampTz(Value(row, at_)),
                TypeOf(row),
                DatumGetJsonbP(Value(row, data_))};
    }

private:
    // None of them is null in the table.
    static Datum Value(TupleTableSlot *row, int column) {
        bool is_null;
        return slot_getattr(row, column, &is_null);
    }

    int id_, organization_, user_, type_, data_, at_;
};

// Remembers the rules of all organizations that the rows are of.
void
RememberAll(const EventReader &events, TupleDesc columns, Tuplestorestate *rows) {
    Growing<Uuid> organizations;
    guards::EachRow(columns, rows, [&](TupleTableSlot *row) {
        const Uuid organization = events.OrganizationOf(row);
        if (organizations.count() == 0 || !(organizations[organizations.count() - 1] == organization))
            organizations.Add(organization);
    });
    std::sort(organizations.begin(), organizations.end());
    const Uuid *end = std::unique(organizations.begin(), organizations.end());
    RememberRules(organizations.begin(), static_cast<int>(end - organizations.begin()));
}

bool
ConcernsAny(const EventReader &events, TupleDesc columns, Tuplestorestate *rows) {
    guards::TransitionReader reader(columns, rows);
    while (TupleTableSlot *row = reader.Next())
        if (RulesOf(events.OrganizationOf(row), events.TypeOf(row)).count > 0)
            return true;
    return false;
}

void
RunAtOnce(const EventReader &events, TupleDesc columns, Tuplestorestate *rows) {
    MemoryContext row_memory =
        AllocSetContextCreate(CurrentMemoryContext, "laurel event row", ALLOCSET_SMALL_SIZES);
    const AsOwner owner(OwnerOf(TableOid("gamification_rules")));
    Run run(ChainDepth());
    guards::EachRow(columns, rows, [&](TupleTableSlot *row) {
        const MemoryContext before = MemoryContextSwitchTo(row_memory);
        const Event event = events.Read(row);
        MemoryContextSwitchTo(before);
        run.Look(event);
        MemoryContextReset(row_memory);
    });
    run.Finish();
}

} // namespace

// laurel_internal.run_rules()
LAUREL_FUNCTION(laurel_run_rules) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kRunRules);
    Tuplestorestate *rows = guards::RowsOfStatement(trigger);
    if (tuplestore_tuple_count(rows) == 0)
        return PointerGetDatum(nullptr);
    const TupleDesc columns = RelationGetDescr(trigger->tg_relation);
    const EventReader events(columns);
    RememberAll(events, columns, rows);
    if (ConcernsAny(events, columns, rows))
        RunAtOnce(events, columns, rows);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::rules
