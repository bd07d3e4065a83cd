// Guards of user_points: its derived columns say what the ledger and daily_activity say, whoever writes.

#include "guards/derived_write.h"
#include "postgres/bridge.h"
#include "postgres/datum.h"
#include "postgres/error.h"
#include "postgres/trigger.h"

extern "C" {
#include "access/sysattr.h"
#include "utils/datum.h"
}

namespace laurel::points {

namespace {

constexpr TriggerSpec kGuardBalancesSpec = {"guard_balances", TriggerSpec::Before, TriggerSpec::EachStatement,
                                            TriggerSpec::Update | TriggerSpec::Truncate};
constexpr TriggerSpec kCheck = {"check_balances", TriggerSpec::After, TriggerSpec::EachRow,
                                TriggerSpec::Update};

// The columns that guard_balances stands for.
constexpr const char *kDerived[] = {
    "organization_id",  "user_id",
    "total_points",     "lifetime_points",
    "points_this_week", "tier",
    "current_level",    "points_this_month",
    "last_entry_no",    "current_streak",
    "longest_streak",   "week_start",
    "month_start",      "last_activity_date",
    "reached_at",       "week_reached_at",
    "last_entry_at",    "month_reached_at",
    "last_entry_hash",  "points_held",
    "rolling_points",   "rolling_from",
    "tier_kept_until",
};

[[noreturn]] void
RefuseBalances(const char *detail) {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "balances of user_points follow from the ledger and are not written directly",
            .detail = detail,
            .hint = "Insert into laurel.points_ledger, or call laurel.record_points_transaction(). A row "
                    "trigger on laurel.user_points must leave them alone too.",
            .table = "user_points",
            .constraint = "user_points_follow_ledger"});
}

// A column as an error shows it.
const char *
Shown(Datum value, bool is_null, Oid type) {
    Oid output;
    bool is_varlena;
    getTypeOutputInfo(type, &output, &is_varlena);
    return is_null ? "null" : OidOutputFunctionCall(output, value);
}

// Whether the column arrived as it was.
bool
IsKept(const TriggerData *trigger, int column) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    const FormData_pg_attribute *attribute = TupleDescAttr(tuple_desc, column - 1);
    bool was_null, is_null;
    const Datum before = heap_getattr(trigger->tg_trigtuple, column, tuple_desc, &was_null);
    const Datum after = heap_getattr(trigger->tg_newtuple, column, tuple_desc, &is_null);
    if (was_null || is_null)
        return was_null == is_null;
    return datumIsEqual(before, after, attribute->attbyval, attribute->attlen);
}

// Refuses a change that the statement did not ask for: what it asks for has passed guard_balances, and who
// may write it reads it back.
void
CheckKept(const TriggerData *trigger, const char *name) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    const int column = Attribute(tuple_desc, name, ANYOID);
    if (bms_is_member(column - FirstLowInvalidHeapAttributeNumber, trigger->tg_updatedcols) ||
        IsKept(trigger, column))
        return;
    const Oid type = TupleDescAttr(tuple_desc, column - 1)->atttypid;
    bool was_null, is_null;
    const Datum before = heap_getattr(trigger->tg_trigtuple, column, tuple_desc, &was_null);
    const Datum after = heap_getattr(trigger->tg_newtuple, column, tuple_desc, &is_null);
    RefuseBalances(psprintf("%s was %s and would become %s.", name, Shown(before, was_null, type),
                            Shown(after, is_null, type)));
}

// Whether an application's trigger may change rows on their way; asked once for all rows of a statement.
bool
MayHaveChanged(FunctionCallInfo fcinfo, const TriggerData *trigger) {
    static constexpr bool kAnswers[] = {false, true};
    if (fcinfo->flinfo->fn_extra == nullptr)
        fcinfo->flinfo->fn_extra =
            const_cast<bool *>(&kAnswers[MayChangeRows(trigger->tg_relation, TriggerSpec::Update)]);
    return *static_cast<const bool *>(fcinfo->flinfo->fn_extra);
}

} // namespace

// Fires where a statement names a derived column. A restore copies accounts before the trigger is there.
LAUREL_FUNCTION(laurel_guard_balances) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kGuardBalancesSpec);
    if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) && guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    RefuseBalances(nullptr);
}

// Looks at rows as they arrived, where an application's trigger may have changed them on the way. A restore
// updates nothing.
LAUREL_FUNCTION(laurel_check_balances) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kCheck);
    if (MayHaveChanged(fcinfo, trigger))
        for (const char *name : kDerived)
            CheckKept(trigger, name);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::points
