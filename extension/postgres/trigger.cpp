#include "trigger.h"

#include "owner.h"

namespace laurel {

namespace {

constexpr const char *kTimings[] = {"BEFORE", "AFTER", "INSTEAD OF"};
constexpr const char *kLevels[] = {"ROW", "STATEMENT"};

[[noreturn]] void
Misused(const TriggerSpec &spec) {
    const char *events = psprintf("%s%s%s%s", spec.events & TriggerSpec::Insert ? " INSERT" : "",
                                  spec.events & TriggerSpec::Update ? " UPDATE" : "",
                                  spec.events & TriggerSpec::Delete ? " DELETE" : "",
                                  spec.events & TriggerSpec::Truncate ? " TRUNCATE" : "");
    const char *arguments =
        spec.arguments == TriggerSpec::kSomeArguments ? "at least one" : psprintf("%d", spec.arguments);
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("function \"%s\" must be fired %s%s FOR EACH %s", spec.function,
                           kTimings[spec.timing], events, kLevels[spec.level]),
                    errdetail("It takes %s trigger arguments.", arguments)));
    pg_unreachable();
}

bool
ArgumentsFit(const Trigger *trigger, int wanted) {
    return wanted == TriggerSpec::kSomeArguments ? trigger->tgnargs > 0 : trigger->tgnargs == wanted;
}

bool
TimingFits(TriggerEvent event, TriggerSpec::Timing timing) {
    switch (timing) {
    case TriggerSpec::Before:
        return TRIGGER_FIRED_BEFORE(event);
    case TriggerSpec::After:
        return TRIGGER_FIRED_AFTER(event);
    case TriggerSpec::InsteadOf:
        return TRIGGER_FIRED_INSTEAD(event);
    }
    return false;
}

int
EventOf(TriggerEvent event) {
    if (TRIGGER_FIRED_BY_INSERT(event))
        return TriggerSpec::Insert;
    if (TRIGGER_FIRED_BY_UPDATE(event))
        return TriggerSpec::Update;
    return TRIGGER_FIRED_BY_DELETE(event) ? TriggerSpec::Delete : TriggerSpec::Truncate;
}

bool
IsFor(const Trigger &trigger, TriggerSpec::Event event) {
    switch (event) {
    case TriggerSpec::Insert:
        return TRIGGER_FOR_INSERT(trigger.tgtype);
    case TriggerSpec::Update:
        return TRIGGER_FOR_UPDATE(trigger.tgtype);
    case TriggerSpec::Delete:
        return TRIGGER_FOR_DELETE(trigger.tgtype);
    case TriggerSpec::Truncate:
        return TRIGGER_FOR_TRUNCATE(trigger.tgtype);
    }
    return false;
}

bool
Fires(const Trigger &trigger, TriggerSpec::Event event) {
    return IsFor(trigger, event) && TRIGGER_FOR_BEFORE(trigger.tgtype) && TRIGGER_FOR_ROW(trigger.tgtype) &&
           trigger.tgenabled != TRIGGER_DISABLED;
}

bool
IsOurs(Oid function) {
    return get_func_namespace(function) == get_namespace_oid("laurel_internal", true);
}

// Whether any trigger is of that kind and calls a function that is not Laurel's. Looking into the catalogue
// may replace what the relation knows of its triggers at any time: each is looked at anew, and not after
// that.
template <typename Is>
bool
AnyOther(Relation relation, Is is) {
    for (int i = 0; relation->trigdesc != nullptr && i < relation->trigdesc->numtriggers; i++) {
        const Trigger &trigger = relation->trigdesc->triggers[i];
        const Oid function = trigger.tgfoid;
        if (is(trigger) && !IsOurs(function))
            return true;
    }
    return false;
}

} // namespace

bool
MayChangeRows(Relation relation, TriggerSpec::Event event, const char *after) {
    return AnyOther(relation, [event, after](const Trigger &trigger) {
        return Fires(trigger, event) && strcmp(trigger.tgname, after) > 0;
    });
}

bool
HasOtherTriggers(Relation relation, TriggerSpec::Event event) {
    return AnyOther(relation, [event](const Trigger &trigger) {
        return IsFor(trigger, event) && trigger.tgenabled != TRIGGER_DISABLED && !trigger.tgisinternal;
    });
}

bool
RowsMayChange(const char *table, TriggerSpec::Event event, const char *schema) {
    Relation relation = table_open(TableOid(table, schema), AccessShareLock);
    const bool may_change = MayChangeRows(relation, event);
    table_close(relation, NoLock);
    return may_change;
}

TriggerData *
CheckTrigger(FunctionCallInfo fcinfo, const TriggerSpec &spec) {
    if (!CALLED_AS_TRIGGER(fcinfo))
        Misused(spec);
    auto *trigger = reinterpret_cast<TriggerData *>(fcinfo->context);
    const bool each_row = TRIGGER_FIRED_FOR_ROW(trigger->tg_event);
    if (!TimingFits(trigger->tg_event, spec.timing) || each_row != (spec.level == TriggerSpec::EachRow) ||
        (EventOf(trigger->tg_event) & spec.events) == 0 || !ArgumentsFit(trigger->tg_trigger, spec.arguments))
        Misused(spec);
    return trigger;
}

void
ShareTransitionTables(TriggerData *trigger) {
    const int result = SPI_register_trigger_data(trigger);
    if (result < 0)
        elog(ERROR, "could not register transition tables: %s", SPI_result_code_string(result));
}

} // namespace laurel
