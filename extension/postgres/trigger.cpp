#include "trigger.h"

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
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("function \"%s\" must be fired %s%s FOR EACH %s", spec.function,
                           kTimings[spec.timing], events, kLevels[spec.level]),
                    errdetail("It takes %d trigger arguments.", spec.arguments)));
    pg_unreachable();
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

} // namespace

TriggerData *
CheckTrigger(FunctionCallInfo fcinfo, const TriggerSpec &spec) {
    if (!CALLED_AS_TRIGGER(fcinfo))
        Misused(spec);
    auto *trigger = reinterpret_cast<TriggerData *>(fcinfo->context);
    const bool each_row = TRIGGER_FIRED_FOR_ROW(trigger->tg_event);
    if (!TimingFits(trigger->tg_event, spec.timing) || each_row != (spec.level == TriggerSpec::EachRow) ||
        (EventOf(trigger->tg_event) & spec.events) == 0 || trigger->tg_trigger->tgnargs != spec.arguments)
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
