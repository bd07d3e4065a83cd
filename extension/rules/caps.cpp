#include "rules/caps.h"

#include "points/settings.h"
#include "postgres/column.h"
#include "postgres/owner.h"
#include "postgres/row_set.h"
#include "postgres/sized_statement.h"

namespace laurel::rules {

namespace {

constexpr RowSetColumn kCounterColumns[] = {{"organization_id", UUIDOID},
                                            {"rule_id", UUIDOID},
                                            {"owner", UUIDOID},
                                            {"user_id", UUIDOID},
                                            {"period_start", DATEOID},
                                            {"used", INT8OID},
                                            {"last_fired_at", TIMESTAMPTZOID}};

SizedStatement open_counters(R"(
    INSERT INTO laurel_internal.rule_usage (organization_id, rule_id, owner, user_id)
    SELECT c.organization_id, c.rule_id, c.owner, c.user_id FROM rule_counters c
    WHERE NOT EXISTS (SELECT FROM ONLY laurel_internal.rule_usage u
        WHERE u.organization_id = c.organization_id AND u.rule_id = c.rule_id AND u.owner = c.owner)
    ORDER BY c.organization_id, c.rule_id, c.owner
    ON CONFLICT (organization_id, rule_id, owner) DO NOTHING)");

SizedStatement lock_counters = SizedStatement(R"(
    SELECT u.organization_id, u.rule_id, u.owner, u.period_start, u.used, coalesce(u.last_fired_at, '-infinity')
    FROM rule_counters c JOIN ONLY laurel_internal.rule_usage u
        ON u.organization_id = c.organization_id AND u.rule_id = c.rule_id AND u.owner = c.owner
    ORDER BY u.organization_id, u.rule_id, u.owner FOR NO KEY UPDATE OF u)")
                                   .Returns(UUIDOID, UUIDOID, UUIDOID, DATEOID, INT8OID, TIMESTAMPTZOID);

SizedStatement write_counters(R"(
    UPDATE ONLY laurel_internal.rule_usage u SET period_start = c.period_start, used = c.used, last_fired_at = c.last_fired_at
    FROM rule_counters c WHERE u.organization_id = c.organization_id AND u.rule_id = c.rule_id AND u.owner = c.owner)");

Statement read_counters = Statement(R"(
    SELECT u.owner = u.rule_id, u.period_start, u.used, coalesce(u.last_fired_at, '-infinity')
    FROM ONLY laurel_internal.rule_usage u
    WHERE u.organization_id = $1 AND u.rule_id = $2 AND u.owner IN ($2, $3))",
                                    UUIDOID, UUIDOID, UUIDOID)
                              .Returns(BOOLOID, DATEOID, INT8OID, TIMESTAMPTZOID);

struct CounterKey {
    Uuid organization;
    Uuid rule;
    Uuid owner; // the member, or the rule for all of the organization
};

struct Counter {
    CounterKey key;
    Usage usage;
    bool is_changed;
};

pg_tz *
ZoneOf(const Rule &rule) {
    return points::SettingsOf(rule.organization).zone;
}

int64
UsedAt(const Cap &cap, const Rule &rule, const Usage &usage, TimestampTz at) {
    return usage.period_start == guards::PeriodStart(cap.period, at, ZoneOf(rule)) ? usage.used : 0;
}

// Why the cap is in the way; null where it is not.
Obstacle
Reached(const Cap &cap, const Rule &rule, const Usage &usage, TimestampTz at, const char *whose) {
    if (cap.most == 0 || UsedAt(cap, rule, usage, at) < cap.most)
        return {};
    const bool ends = cap.period != guards::Period::Forever;
    const char *period = ends ? psprintf(" a %s", guards::PeriodName(cap.period)) : "";
    return {
        psprintf("%s: %lld%s", whose, static_cast<long long>(cap.most), period),
        ends ? guards::PeriodEnd(cap.period, guards::PeriodStart(cap.period, at, ZoneOf(rule)), ZoneOf(rule))
             : DT_NOBEGIN};
}

// The counters of some firings, in memory.
class Counters {
public:
    Counters() {
        HASHCTL control = {};
        control.keysize = sizeof(CounterKey);
        control.entrysize = sizeof(Counter);
        control.hcxt = CurrentMemoryContext;
        table_ = hash_create("laurel rule counters", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }

    Usage *Of(const CounterKey &key) { return &CounterOf(key)->usage; }
    void Change(const CounterKey &key) { CounterOf(key)->is_changed = true; }

    // Has them there, locked and read.
    void Lock() {
        RowSet rows("rule_counters", kCounterColumns);
        Put(&rows, [](const Counter &) { return true; });
        const SharedRows shared(rows);
        open_counters.Run(rows.count());
        const uint64 found = lock_counters.Run(rows.count());
        for (uint64 i = 0; i < found; i++) {
            Row row(i);
            const Uuid organization = ToUuid(row.Next()), rule = ToUuid(row.Next());
            Usage *usage = Of({organization, rule, ToUuid(row.Next())});
            usage->period_start = DatumGetDateADT(row.Next());
            usage->used = DatumGetInt64(row.Next());
            usage->last = DatumGetTimestampTz(row.Next());
        }
    }

    void Write() {
        RowSet rows("rule_counters", kCounterColumns);
        Put(&rows, [](const Counter &counter) { return counter.is_changed; });
        if (rows.count() == 0)
            return;
        const SharedRows shared(rows);
        if (write_counters.Run(rows.count()) != static_cast<uint64>(rows.count()))
            RefuseDropped(TableOid("rule_usage", "laurel_internal"), "a trigger dropped what counts a rule");
    }

private:
    Counter *CounterOf(const CounterKey &key) {
        bool found;
        auto *counter = static_cast<Counter *>(hash_search(table_, &key, HASH_ENTER, &found));
        if (!found)
            *counter = {key, {}, false};
        return counter;
    }

    template <typename Which> void Put(RowSet *rows, Which which) {
        HASH_SEQ_STATUS scan;
        hash_seq_init(&scan, table_);
        while (auto *counter = static_cast<Counter *>(hash_seq_search(&scan))) {
            if (!which(*counter))
                continue;
            const bool is_members = !(counter->key.owner == counter->key.rule);
            const Datum values[] = {FromUuid(counter->key.organization),
                                    FromUuid(counter->key.rule),
                                    FromUuid(counter->key.owner),
                                    FromUuid(counter->key.owner),
                                    DateADTGetDatum(counter->usage.period_start),
                                    Int64GetDatum(counter->usage.used),
                                    TimestampTzGetDatum(counter->usage.last)};
            const bool nulls[] = {false, false, false, !is_members, false, false, false};
            rows->Add(values, nulls);
        }
    }

    HTAB *table_;
};

bool
CountsMembers(const Rule &rule) {
    return rule.user_cap.most > 0 || rule.cooldown > 0;
}

bool
CountsAll(const Rule &rule) {
    return rule.organization_cap.most > 0;
}

CounterKey
MembersKey(const Firing &firing) {
    return {firing.rule->organization, firing.rule->id, firing.user};
}

CounterKey
OrganizationsKey(const Firing &firing) {
    return {firing.rule->organization, firing.rule->id, firing.rule->id};
}

void
LockMembers(const Firing *firings, int64 count) {
    Column organizations(UUIDOID, count), users(UUIDOID, count);
    for (int64 i = 0; i < count; i++)
        if (firings[i].rule->is_limited()) {
            organizations.Add(FromUuid(firings[i].rule->organization));
            users.Add(FromUuid(firings[i].user));
        }
    LockAccounts(organizations.Array(), users.Array());
}

void
Apply(Firing *firing, Counters *counters, TimestampTz now) {
    const Rule &rule = *firing->rule;
    Usage none;
    Usage *member = CountsMembers(rule) ? counters->Of(MembersKey(*firing)) : &none;
    Usage *all = CountsAll(rule) ? counters->Of(OrganizationsKey(*firing)) : &none;
    const Obstacle obstacle = FindObstacle(rule, *member, *all, now);
    if (obstacle.reason != nullptr) {
        firing->outcome = Outcome::Capped;
        firing->reason = obstacle.reason;
        firing->next = obstacle.next;
        return;
    }
    if (CountsMembers(rule)) {
        AddUse(rule.user_cap, rule, now, member);
        counters->Change(MembersKey(*firing));
    }
    if (CountsAll(rule)) {
        AddUse(rule.organization_cap, rule, now, all);
        counters->Change(OrganizationsKey(*firing));
    }
}

} // namespace

Obstacle
FindObstacle(const Rule &rule, const Usage &member, const Usage &organization, TimestampTz at) {
    if (rule.cooldown > 0 && member.last != DT_NOBEGIN && at < member.last + rule.cooldown)
        return {"cooldown", member.last + rule.cooldown};
    const Obstacle own = Reached(rule.user_cap, rule, member, at, "cap of the member");
    if (own.reason != nullptr)
        return own;
    return Reached(rule.organization_cap, rule, organization, at, "cap of the organization");
}

void
AddUse(const Cap &cap, const Rule &rule, TimestampTz at, Usage *usage) {
    const DateADT start = guards::PeriodStart(cap.period, at, ZoneOf(rule));
    usage->used = (usage->period_start == start ? usage->used : 0) + 1;
    usage->period_start = start;
    usage->last = std::max(usage->last, at);
}

void
ApplyCaps(Firing *firings, int64 count) {
    const auto is_asked = [](const Firing &firing) { return firing.is_fired() && firing.rule->is_limited(); };
    if (std::none_of(firings, firings + count, is_asked))
        return;
    LockMembers(firings, count);
    Counters counters;
    for (int64 i = 0; i < count; i++) {
        if (!is_asked(firings[i]))
            continue;
        if (CountsMembers(*firings[i].rule))
            counters.Of(MembersKey(firings[i]));
        if (CountsAll(*firings[i].rule))
            counters.Of(OrganizationsKey(firings[i]));
    }
    counters.Lock();
    const TimestampTz now = GetCurrentTimestamp();
    for (int64 i = 0; i < count; i++)
        if (is_asked(firings[i]))
            Apply(&firings[i], &counters, now);
    counters.Write();
}

Obstacle
LookForObstacle(const Rule &rule, const Uuid &user) {
    const uint64 count =
        read_counters.Run(Access::Read, {FromUuid(rule.organization), FromUuid(rule.id), FromUuid(user)});
    Usage member, all;
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        Usage *usage = DatumGetBool(row.Next()) ? &all : &member;
        usage->period_start = DatumGetDateADT(row.Next());
        usage->used = DatumGetInt64(row.Next());
        usage->last = DatumGetTimestampTz(row.Next());
    }
    return FindObstacle(rule, member, all, GetCurrentTimestamp());
}

} // namespace laurel::rules
