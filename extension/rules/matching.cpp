// Lock order: the points accounts by (organization_id, user_id).

#include "rules/matching.h"

#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/json_value.h"
#include "postgres/spi.h"
#include "rules/stats.h"

namespace laurel::rules {

namespace {

Statement lock_accounts(R"(
    SELECT FROM ONLY laurel.user_points p JOIN (
        SELECT DISTINCT a.organization_id, a.user_id
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) a (organization_id, user_id)
    ) a ON p.organization_id = a.organization_id AND p.user_id = a.user_id
    ORDER BY p.organization_id, p.user_id FOR NO KEY UPDATE OF p)",
                        UUIDARRAYOID, UUIDARRAYOID);

// What a condition finds under `user`. Nothing of it identifies a person by name.
Statement read_users = Statement(R"(
    SELECT a.place, pg_catalog.jsonb_build_object('id', m.user_id, 'joined_at', pg_catalog.to_char(pg_catalog.timezone('UTC', m.joined_at), 'YYYY-MM-DD"T"HH24:MI:SS+00:00'),
        'tier', p.tier, 'level', p.current_level, 'team_id', p.team_id,
        'roles', (SELECT coalesce(pg_catalog.jsonb_agg(r.role ORDER BY r.role), '[]') FROM ONLY laurel.user_roles r
            WHERE r.organization_id = m.organization_id AND r.user_id = m.user_id),
        'teams', (SELECT coalesce(pg_catalog.jsonb_agg(t.team_id ORDER BY t.team_id), '[]') FROM ONLY laurel.team_memberships t
            WHERE t.organization_id = m.organization_id AND t.user_id = m.user_id))
    FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY a (organization_id, user_id, place)
    JOIN ONLY laurel.user_organizations m ON m.organization_id = a.organization_id AND m.user_id = a.user_id
    LEFT JOIN ONLY laurel.user_points p ON p.organization_id = a.organization_id AND p.user_id = a.user_id)",
                                 UUIDARRAYOID, UUIDARRAYOID)
                           .Returns(INT8OID, JSONBOID);

bool
AsksForMore(const Rule &rule) {
    return rule.condition.names_user || !rule.condition.stats.is_nothing();
}

// A moment as .datetime() of a path takes it: it knows neither Z nor parts of a second.
std::string_view
PathTime(TimestampTz at) {
    constexpr size_t kToTheSecond = 19;
    const std::string_view iso = IsoTime(at);
    if (iso.size() <= kToTheSecond)
        return iso;
    return psprintf("%.*s+00:00", static_cast<int>(kToTheSecond), iso.data());
}

// {"event": {...}}, with what else there is.
Jsonb *
DocumentOf(const Event &event, Jsonb *user, Jsonb *stats) {
    JsonbObject inner;
    inner.Text("id", UuidText(event.id)).Text("user_id", UuidText(event.user)).Text("type", event.type);
    inner.Text("occurred_at", PathTime(event.at)).Nested("data", event.data);
    JsonbObject document;
    document.Nested("event", inner.Finish());
    if (user != nullptr)
        document.Nested("user", user);
    if (stats != nullptr)
        document.Nested("stats", stats);
    return document.Finish();
}

// What members are, in the order of who is asked for; null for who is none any more.
Jsonb **
ReadUsers(Datum organizations, Datum users, int64 count) {
    const MemoryContext memory = CurrentMemoryContext;
    auto **found = NewList<Jsonb *>(count);
    std::fill_n(found, count, nullptr);
    const SpiConnection spi;
    const uint64 rows = read_users.Run(Access::Write, {organizations, users});
    for (uint64 i = 0; i < rows; i++) {
        const int64 place = DatumGetInt64(Field(i, 1));
        Jsonb *user = DatumGetJsonbP(Field(i, 2));
        found[place - 1] = static_cast<Jsonb *>(MemoryContextAlloc(memory, VARSIZE(user)));
        std::memcpy(found[place - 1], user, VARSIZE(user));
    }
    return found;
}

} // namespace

void
LockAccounts(Datum organizations, Datum users) {
    lock_accounts.Run(Access::Write, {organizations, users});
}

Matching::Matching(Locking locking, void *see, Call call)
    : locks_(locking == LocksAccounts), see_(see), call_(call),
      event_memory_(AllocSetContextCreate(CurrentMemoryContext, "laurel event", ALLOCSET_SMALL_SIZES)),
      waiting_memory_(
          AllocSetContextCreate(CurrentMemoryContext, "laurel waiting events", ALLOCSET_SMALL_SIZES)) {}

void
Matching::Look(const Event &event, const Rule *const *rules, int count) {
    const MemoryContext before = MemoryContextSwitchTo(event_memory_);
    Jsonb *document = nullptr;
    bool waits = false;
    for (int i = 0; i < count; i++) {
        const Rule &rule = *rules[i];
        if (AsksForMore(rule)) {
            Wait(event, &rule, &waits);
            continue;
        }
        if (rule.condition.path != nullptr && document == nullptr)
            document = DocumentOf(event, nullptr, nullptr);
        call_(see_, event, rule, VerdictOf(rule, document), document);
    }
    MemoryContextSwitchTo(before);
    MemoryContextReset(event_memory_);
    if (waiting_.count() >= kMostWaiting || rules_.count() >= kMostWaitingRules ||
        MemoryContextMemAllocated(waiting_memory_, false) >= kMostWaitingBytes)
        Finish();
}

// One that is too slow costs its second once, however many events there are; and after a few of them nothing
// more is tried that may be slow too.
Verdict
Matching::VerdictOf(const Rule &rule, Jsonb *document) {
    if (slow_.count() >= kMostSlow ? rule.condition.may_take_long
                                   : std::find(slow_.begin(), slow_.end(), &rule) != slow_.end())
        return Verdict::TakesTooLong;
    const char *error = nullptr;
    const Verdict verdict = Judge(rule.condition, document, &error);
    if (verdict == Verdict::TakesTooLong)
        slow_.Add(&rule);
    Explain(rule, document, verdict, error);
    return verdict;
}

// What raises an error, or takes too long, leaves nothing behind but a line in the log, once for a rule and a
// session.
void
Matching::Explain(const Rule &rule, Jsonb *document, Verdict verdict, const char *error) {
    if (error != nullptr && locks_ && !rule.has_told) {
        ereport(LOG, (errmsg("the condition of rule %s cannot be decided: %s", UuidText(rule.id), error),
                      errdetail("It is %s.", rule.condition_text),
                      errhint("SELECT * FROM laurel.explain_rules(event_id) says so of an event.")));
        rule.has_told = true;
    }
    why_ = nullptr;
    if (!locks_ && verdict == Verdict::Unknown)
        why_ = error != nullptr ? error : WhyUnknown(rule.condition, document);
}

void
Matching::Wait(const Event &event, const Rule *rule, bool *waits) {
    if (!*waits) {
        Waiting waiting = {event, rules_.count(), 0};
        const MemoryContext before = MemoryContextSwitchTo(waiting_memory_);
        waiting.event.type = CString(event.type);
        waiting.event.data = static_cast<Jsonb *>(palloc(VARSIZE(event.data)));
        std::memcpy(waiting.event.data, event.data, VARSIZE(event.data));
        MemoryContextSwitchTo(before);
        waiting_.Add(waiting);
        *waits = true;
    }
    rules_.Add(rule);
    waiting_[waiting_.count() - 1].count++;
}

void
Matching::JudgeWaiting(const Waiting &waiting, Jsonb *user, Jsonb *stats) {
    const MemoryContext before = MemoryContextSwitchTo(event_memory_);
    Jsonb *document = DocumentOf(waiting.event, user, stats);
    for (int64 i = waiting.first; i < waiting.first + waiting.count; i++)
        call_(see_, waiting.event, *rules_[i], VerdictOf(*rules_[i], document), document);
    MemoryContextSwitchTo(before);
    MemoryContextReset(event_memory_);
}

void
Matching::Finish() {
    const int64 count = waiting_.count();
    if (count == 0)
        return;
    const MemoryContext before = MemoryContextSwitchTo(waiting_memory_);
    Wanted wanted;
    bool wants_users = false;
    for (const Rule *rule : rules_) {
        wanted.Add(rule->condition.stats);
        wants_users |= rule->condition.names_user;
    }
    Column organizations(UUIDOID, count), users(UUIDOID, count);
    auto *asked = NewList<Asked>(count);
    for (int64 i = 0; i < count; i++) {
        const Event &event = waiting_[i].event;
        organizations.Add(FromUuid(event.organization));
        users.Add(FromUuid(event.user));
        asked[i] = {event.organization, event.user, event.at};
    }
    if (locks_) {
        const SpiConnection spi;
        LockAccounts(organizations.Array(), users.Array());
    }
    Jsonb **found = wants_users ? ReadUsers(organizations.Array(), users.Array(), count) : nullptr;
    const MemberStats *stats =
        wanted.is_nothing() ? nullptr : ReadStats(wanted, asked, static_cast<int>(count));
    for (int64 i = 0; i < count; i++) {
        const MemoryContext memory = MemoryContextSwitchTo(event_memory_);
        Jsonb *object = stats == nullptr ? nullptr : StatsObject(wanted, stats[i]);
        MemoryContextSwitchTo(memory);
        JudgeWaiting(waiting_[i], found == nullptr ? nullptr : found[i], object);
    }
    MemoryContextSwitchTo(before);
    MemoryContextReset(waiting_memory_);
    waiting_.Clear();
    rules_.Clear();
}

} // namespace laurel::rules
