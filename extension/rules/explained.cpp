// Why a rule fires for an event, or does not; and what a rule would have done.

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/fresh.h"
#include "postgres/owner.h"
#include "rules/caps.h"

namespace laurel::rules {

namespace {

Statement find_event = Statement(R"(
    SELECT organization_id, id, user_id, occurred_at, type, data FROM ONLY laurel.domain_events WHERE id = $1)",
                                 UUIDOID)
                           .Returns(UUIDOID, UUIDOID, UUIDOID, TIMESTAMPTZOID, TEXTOID, JSONBOID);

Statement find_execution = Statement(R"(
    SELECT x.status, x.executed_at, coalesce(x.reason, x.error_code || ' ' || x.error_message), x.next_eligible_at
    FROM ONLY laurel.rule_executions x
    WHERE x.organization_id = $1 AND x.rule_id = $2 AND x.event_id = $3 AND x.user_id = $4)",
                                     UUIDOID, UUIDOID, UUIDOID, UUIDOID)
                               .Returns(TEXTOID, TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZOID);

// Rules that would hear of the event if they were active.
Statement find_idle = Statement(R"(
    SELECT r.id, r.name, r.version, r.status FROM ONLY laurel.gamification_rules r
    WHERE r.organization_id = $1 AND r.event_type = $2 AND r.status IN ('draft', 'paused') ORDER BY r.id)",
                                UUIDOID, TEXTOID)
                          .Returns(UUIDOID, TEXTOID, INT4OID, TEXTOID);

Statement find_events = Statement(R"(
    SELECT organization_id, id, user_id, occurred_at, type, data FROM ONLY laurel.domain_events
    WHERE organization_id = $1 AND type = $2 AND occurred_at >= $3 AND occurred_at < $4 AND occurred_at > '-infinity' ORDER BY occurred_at, id)",
                                  UUIDOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID)
                            .Returns(UUIDOID, UUIDOID, UUIDOID, TIMESTAMPTZOID, TEXTOID, JSONBOID);

constexpr long kEventsAtOnce = 5000;

// The event of a row of the last result, in the current memory context.
Event
ReadEventRow(uint64 number) {
    Row row(number);
    Event event;
    event.organization = ToUuid(row.Next());
    event.id = ToUuid(row.Next());
    event.user = ToUuid(row.Next());
    event.at = DatumGetTimestampTz(row.Next());
    event.type = CString(ToText(row.Next()));
    event.data = DatumGetJsonbPCopy(row.Next());
    return event;
}

[[noreturn]] void
RefuseUnknown(const char *what) {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = psprintf("there is no such %s, or not for the caller", what),
            .hint = access::HintOr("org_admins look at events and rules of their organization.")});
}

// Refuses in one way what is not there and what is not the caller's to see.
void
RequireSeen(bool trusted, const Uuid &organization, const char *what) {
    if (!trusted && !access::Administers(access::CurrentCaller(), organization))
        RefuseUnknown(what);
}

struct Explained {
    const Rule *rule;
    Verdict verdict;
    Jsonb *seen;               // by the condition; null where it was not looked at
    const char *why = nullptr; // it cannot be decided
};

// Gathers what conditions say.
struct Verdicts {
    Growing<Explained> found;
    const Matching *matching = nullptr;
    MemoryContext memory = CurrentMemoryContext;

    void operator()(const Event &, const Rule &rule, Verdict verdict, Jsonb *document) {
        const char *why = matching->why();
        const MemoryContext before = MemoryContextSwitchTo(memory);
        found.Add(
            {&rule, verdict, SeenBy(rule.condition, document), why == nullptr ? nullptr : pstrdup(why)});
        MemoryContextSwitchTo(before);
    }
};

struct Answer {
    bool fires = false;
    const char *reason = nullptr;
    TimestampTz next = DT_NOBEGIN;
};

// What the rule did with the event; false where it did nothing.
bool
FindDone(const Rule &rule, const Event &event, Answer *answer) {
    const Datum key[] = {FromUuid(rule.organization), FromUuid(rule.id), FromUuid(event.id),
                         FromUuid(event.user)};
    if (find_execution.Run(Access::Read, key) == 0)
        return false;
    bool has_no_reason, has_no_next;
    const Datum why = Field(0, 3, &has_no_reason), next = Field(0, 4, &has_no_next);
    answer->reason = psprintf("%s already, at %s%s%s", CString(ToText(Field(0, 1))),
                              CString(IsoTime(DatumGetTimestampTz(Field(0, 2)))), has_no_reason ? "" : ": ",
                              has_no_reason ? "" : CString(ToText(why)));
    if (!has_no_next)
        answer->next = DatumGetTimestampTz(next);
    return true;
}

Answer
AnswerOf(const Explained &explained, const Event &event) {
    const Rule &rule = *explained.rule;
    if (Answer done; FindDone(rule, event, &done))
        return done;
    if (TIMESTAMP_NOT_FINITE(event.at))
        return {.reason = "schedule: the event has no moment"};
    if (rule.IsYetToCome(event.at))
        return {.reason = psprintf("schedule: from %s", CString(IsoTime(rule.from)))};
    if (rule.IsOver(event.at))
        return {.reason = psprintf("schedule: until %s", CString(IsoTime(rule.until)))};
    if (explained.verdict == Verdict::DoesNot)
        return {.reason = psprintf("condition is false: %s", rule.condition_text)};
    if (explained.verdict == Verdict::Unknown)
        return {.reason =
                    psprintf("condition cannot be decided: %s (%s)", rule.condition_text, explained.why)};
    if (explained.verdict == Verdict::TakesTooLong)
        return {.reason = psprintf("condition takes longer than a second: %s", rule.condition_text)};
    const Obstacle obstacle = LookForObstacle(rule, event.user);
    if (obstacle.reason != nullptr)
        return {.reason = obstacle.reason, .next = obstacle.next};
    return {.fires = true, .reason = rule.after_commit ? "fires after the commit" : "fires"};
}

void
PutAnswer(ReturnSetInfo *result, const Explained &explained, const Event &event) {
    const Rule &rule = *explained.rule;
    const Answer answer = AnswerOf(explained, event);
    const Datum values[] = {FromUuid(rule.id),
                            CStringGetTextDatum(rule.name),
                            Int32GetDatum(rule.version),
                            BoolGetDatum(explained.verdict == Verdict::Holds),
                            BoolGetDatum(answer.fires),
                            CStringGetTextDatum(answer.reason),
                            TimestampTzGetDatum(answer.next),
                            PointerGetDatum(explained.seen)};
    const bool nulls[] = {false,
                          false,
                          false,
                          explained.seen == nullptr,
                          false,
                          false,
                          answer.next == DT_NOBEGIN,
                          explained.seen == nullptr};
    tuplestore_putvalues(result->setResult, result->setDesc, const_cast<Datum *>(values),
                         const_cast<bool *>(nulls));
}

// What was forgotten to be made active is asked about most.
void
PutIdle(ReturnSetInfo *result, const Event &event) {
    const uint64 count = find_idle.Run(Access::Read, {FromUuid(event.organization), FromText(event.type)});
    for (uint64 i = 0; i < count; i++) {
        const Datum values[] = {Field(i, 1),
                                Field(i, 2),
                                Field(i, 3),
                                BoolGetDatum(false),
                                BoolGetDatum(false),
                                CStringGetTextDatum(psprintf("status: %s", CString(ToText(Field(i, 4))))),
                                0,
                                0};
        const bool nulls[] = {false, false, false, true, false, false, true, true};
        tuplestore_putvalues(result->setResult, result->setDesc, const_cast<Datum *>(values),
                             const_cast<bool *>(nulls));
    }
}

// What conditions of all rules of the event's type say, by rule.
Growing<Explained>
ExplainAll(const Event &event) {
    Verdicts verdicts;
    Matching matching(Matching::OnlyLooks, &verdicts);
    verdicts.matching = &matching;
    RememberRules(&event.organization, 1);
    for (const Rule *rule : RulesOf(event.organization, event.type)) {
        if (!rule->IsInForce(event.at))
            verdicts.found.Add({rule, Verdict::Unknown, nullptr});
        else
            matching.Look(event, &rule, 1);
    }
    matching.Finish();
    std::sort(verdicts.found.begin(), verdicts.found.end(),
              [](const Explained &a, const Explained &b) { return a.rule->id < b.rule->id; });
    return verdicts.found;
}

// What a member would have had of a rule.
struct Tally {
    Uuid user;
    Usage usage;
    int64 matched;
    int64 fired;
};

// Tries a rule on past events, with its caps by the time of the events.
class Simulation {
public:
    explicit Simulation(const Rule *rule) : rule_(rule) {
        HASHCTL control = {};
        control.keysize = sizeof(Uuid);
        control.entrysize = sizeof(Tally);
        control.hcxt = CurrentMemoryContext;
        tallies_ = hash_create("laurel simulation", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }

    void Go(TimestampTz from, TimestampTz until) {
        Matching matching(Matching::OnlyLooks, this);
        MemoryContext memory =
            AllocSetContextCreate(CurrentMemoryContext, "laurel past event", ALLOCSET_DEFAULT_SIZES);
        Cursor cursor(find_events, Access::Read,
                      {FromUuid(rule_->organization), FromText(rule_->event_type), TimestampTzGetDatum(from),
                       TimestampTzGetDatum(until)});
        while (const uint64 count = cursor.Fetch(kEventsAtOnce)) {
            for (uint64 i = 0; i < count; i++) {
                cursor.Restore();
                const MemoryContext before = MemoryContextSwitchTo(memory);
                const Event event = ReadEventRow(i);
                MemoryContextSwitchTo(before);
                matching.Look(event, &rule_, 1);
                MemoryContextReset(memory);
            }
            CHECK_FOR_INTERRUPTS();
        }
        matching.Finish();
    }

    void operator()(const Event &event, const Rule &rule, Verdict verdict, Jsonb *) {
        if (verdict != Verdict::Holds)
            return;
        bool found;
        auto *tally = static_cast<Tally *>(hash_search(tallies_, &event.user, HASH_ENTER, &found));
        if (!found)
            *tally = {event.user, {}, 0, 0};
        tally->matched++;
        if (FindObstacle(rule, tally->usage, all_, event.at).reason != nullptr)
            return;
        tally->fired++;
        AddUse(rule.user_cap, rule, event.at, &tally->usage);
        AddUse(rule.organization_cap, rule, event.at, &all_);
    }

    void Put(ReturnSetInfo *result) {
        HASH_SEQ_STATUS scan;
        hash_seq_init(&scan, tallies_);
        const Actions &actions = rule_->actions;
        while (auto *tally = static_cast<Tally *>(hash_seq_search(&scan))) {
            const Datum values[] = {FromUuid(tally->user),
                                    Int64GetDatum(tally->matched),
                                    Int64GetDatum(tally->fired),
                                    Int64GetDatum(tally->matched - tally->fired),
                                    Int64GetDatum(tally->fired * actions.points),
                                    Int64GetDatum(tally->fired > 0 ? actions.badge_count : 0),
                                    Int64GetDatum(actions.title != nullptr ? tally->fired : 0)};
            const bool nulls[std::size(values)] = {};
            tuplestore_putvalues(result->setResult, result->setDesc, const_cast<Datum *>(values),
                                 const_cast<bool *>(nulls));
        }
    }

private:
    const Rule *rule_;
    Usage all_;
    HTAB *tallies_;
};

} // namespace

// laurel.explain_rules(event)
LAUREL_FUNCTION(laurel_explain_rules) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "event_id"));
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    access::NoticeChanges();
    const Oid table = TableOid("gamification_rules");
    const bool trusted = IsTrusted(table);
    const MemoryContext memory = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    if (find_event.Run(Access::Read, FromUuid(id)) == 0)
        RefuseUnknown("event");
    MemoryContextSwitchTo(memory);
    const Event event = ReadEventRow(0);
    RequireSeen(trusted, event.organization, "event");
    const Growing<Explained> explained = ExplainAll(event);
    for (const Explained &one : explained)
        PutAnswer(result, one, event);
    PutIdle(result, event);
    PG_RETURN_NULL();
}

// laurel.simulate_rule(rule, from, until)
LAUREL_FUNCTION(laurel_simulate_rule) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "rule_id"));
    const TimestampTz from = PG_ARGISNULL(1) ? DT_NOBEGIN : PG_GETARG_TIMESTAMPTZ(1),
                      until = PG_ARGISNULL(2) ? GetCurrentTimestamp() : PG_GETARG_TIMESTAMPTZ(2);
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    access::NoticeChanges();
    const Oid table = TableOid("gamification_rules");
    const bool trusted = IsTrusted(table);
    const Rule *rule = FindRule(id);
    if (rule == nullptr)
        RefuseUnknown("rule");
    RequireSeen(trusted, rule->organization, "rule");
    Simulation simulation(rule);
    {
        const AsOwner owner(OwnerOf(table));
        const SpiConnection spi;
        simulation.Go(from, until);
    }
    simulation.Put(result);
    PG_RETURN_NULL();
}

} // namespace laurel::rules
