// A rule is saved: it is understood, numbered and kept.

#include "access/caller.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "rules/actions.h"
#include "rules/condition.h"

extern "C" {
#include "utils/datum.h"
}

namespace laurel::rules {

namespace {

constexpr TriggerSpec kNumberRule = {"number_rule", TriggerSpec::Before, TriggerSpec::EachRow,
                                     TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kKeepRule = {"keep_rule", TriggerSpec::After, TriggerSpec::EachRow,
                                   TriggerSpec::Insert | TriggerSpec::Update};

// What a rule does follows from these: when one of them changes there is a new version.
constexpr const char *kVersioned[] = {"name",
                                      "event_type",
                                      "condition",
                                      "actions",
                                      "runs",
                                      "user_cap",
                                      "user_cap_period",
                                      "organization_cap",
                                      "organization_cap_period",
                                      "cooldown",
                                      "active_from",
                                      "active_until"};

Statement keep = Statement(R"(
    INSERT INTO laurel.rule_versions (organization_id, rule_id, version, name, event_type, condition, actions, runs, user_cap,
        user_cap_period, organization_cap, organization_cap_period, cooldown, active_from, active_until, created_by)
    SELECT r.organization_id, r.id, r.version, r.name, r.event_type, r.condition, r.actions, r.runs, r.user_cap,
        r.user_cap_period, r.organization_cap, r.organization_cap_period, r.cooldown, r.active_from, r.active_until, $2
    FROM ONLY laurel.gamification_rules r WHERE r.id = $1)",
                           UUIDOID, UUIDOID);

Statement find_badges = Statement(R"(
    SELECT pg_catalog.count(*) FROM ONLY laurel.badges WHERE organization_id = $1 AND id = ANY ($2))",
                                  UUIDOID, UUIDARRAYOID)
                            .Returns(INT8OID);

Statement find_challenge = Statement(R"(
    SELECT FROM ONLY laurel.personal_challenges WHERE organization_id = $1 AND id = $2
    UNION ALL SELECT FROM ONLY laurel.team_challenges WHERE organization_id = $1 AND id = $2)",
                                     UUIDOID, UUIDOID);

bool
Differs(const TriggerData *trigger, const char *column) {
    const TupleDesc columns = RelationGetDescr(trigger->tg_relation);
    const int number = SPI_fnumber(columns, column);
    if (number <= 0)
        return false;
    const FormData_pg_attribute &type = *TupleDescAttr(columns, number - 1);
    bool was_null, is_null;
    const Datum before = heap_getattr(trigger->tg_trigtuple, number, columns, &was_null),
                after = heap_getattr(trigger->tg_newtuple, number, columns, &is_null);
    return was_null != is_null || (!is_null && !datum_image_eq(before, after, type.attbyval, type.attlen));
}

// 0 where it has none.
int32
VersionOf(const TriggerData *trigger, HeapTuple rule) {
    bool is_null;
    const Datum version =
        AttributeValue(rule, RelationGetDescr(trigger->tg_relation), "version", INT4OID, &is_null);
    return is_null ? 0 : DatumGetInt32(version);
}

int32
NextVersion(const TriggerData *trigger) {
    if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
        return 1;
    const int32 version = VersionOf(trigger, trigger->tg_trigtuple);
    const bool differs = std::any_of(std::begin(kVersioned), std::end(kVersioned),
                                     [trigger](const char *column) { return Differs(trigger, column); });
    return differs ? version + 1 : version;
}

// A cap that lets nothing through is a mistake: what is to stop is paused.
void
RequireCap(const DraftRow &row, const char *column) {
    bool is_null;
    const Datum cap = row.Get(column, INT8OID, &is_null);
    if (!is_null && DatumGetInt64(cap) < 1)
        Refuse({.message = psprintf("%s must be more than 0", column),
                .detail = psprintf("It is %lld.", static_cast<long long>(DatumGetInt64(cap))),
                .hint = "To stop a rule, set its status to paused; leave the cap null for any number.",
                .table = "gamification_rules",
                .constraint = psprintf("gamification_rules_%s_check", column)});
}

void
RequireBadges(const Uuid &organization, const Actions &actions) {
    if (actions.badge_count == 0)
        return;
    Datum badges[Actions::kMost];
    for (int i = 0; i < actions.badge_count; i++)
        badges[i] = FromUuid(actions.badges[i]);
    find_badges.Run(Access::Write, {FromUuid(organization), ArrayOf(badges, actions.badge_count, UUIDOID)});
    if (DatumGetInt64(Field(0, 1)) < actions.badge_count)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "the rule awards a badge that its organization does not have",
                .hint = "laurel.badges has the organization's badges.",
                .table = "gamification_rules",
                .constraint = "gamification_rules_badge_fkey"});
}

void
RequireChallenge(const Uuid &organization, const Actions &actions) {
    if (actions.progress > 0 &&
        find_challenge.Run(Access::Write, {FromUuid(organization), FromUuid(actions.challenge)}) == 0)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "the rule adds to a challenge that its organization does not have",
                .hint = "laurel.team_challenges and laurel.personal_challenges have the organization's.",
                .table = "gamification_rules",
                .constraint = "gamification_rules_challenge_fkey"});
}

// What a rule does is looked up by its number: a trigger of the application that writes the number, or the
// rule after it was numbered, would let the rule do something else than it says.
void
RequireNumber(const TriggerData *trigger) {
    if (VersionOf(trigger, TriggerRow(trigger)) == NextVersion(trigger))
        return;
    RefuseDropped(RelationGetRelid(trigger->tg_relation),
                  "a trigger changed a rule, or its version, after the rule was numbered");
}

} // namespace

// laurel_internal.number_rule(). A restore makes it after the rows, which keep their numbers.
LAUREL_FUNCTION(laurel_number_rule) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kNumberRule);
    DraftRow row(trigger);
    RequireCap(row, "user_cap");
    RequireCap(row, "organization_cap");
    row.Set("version", INT4OID, Int32GetDatum(NextVersion(trigger)));
    return row.Done();
}

// laurel_internal.keep_rule(). Looks at the row as it has arrived, after what triggers of the application
// made of it.
LAUREL_FUNCTION(laurel_keep_rule) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepRule);
    RequireNumber(trigger);
    if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
        VersionOf(trigger, trigger->tg_trigtuple) == VersionOf(trigger, trigger->tg_newtuple))
        return PointerGetDatum(nullptr);
    const DraftRow row(trigger);
    const Actions actions = ReadActions(row.Get("actions", JSONBOID).value);
    RefuseLoop(actions, row.Text("event_type"));
    if (!row.IsNull("condition"))
        ReadCondition(row.Text("condition"));
    const Uuid id = row.Id("id");
    Uuid caller;
    const bool has_caller = access::ClaimedUser(&caller);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    RequireBadges(row.Id("organization_id"), actions);
    RequireChallenge(row.Id("organization_id"), actions);
    keep.Write({FromUuid(id), {FromUuid(caller), !has_caller}});
    return PointerGetDatum(nullptr);
}

} // namespace laurel::rules
