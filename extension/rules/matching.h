// Which rules' conditions hold of which events.
#pragma once

#include "postgres/growing.h"
#include "rules/rule.h"

namespace laurel::rules {

// A row of domain_events.
struct Event {
    Uuid id;
    Uuid organization;
    Uuid user;
    TimestampTz at;
    std::string_view type;
    Jsonb *data;
};

// Goes through events and says of each and each of its rules whether the condition holds. What asks for more
// than the event itself is read for many members at once, after their points accounts were locked, so that of
// two events at the same time the second knows of the first.
class Matching {
public:
    enum Locking { LocksAccounts, OnlyLooks };

    // see(event, rule, verdict, document) is called in no order, with memory that does not last. The document
    // is what the condition has looked at; null where the rule has none.
    template <typename See>
    Matching(Locking locking, See *see)
        : Matching(locking, see,
                   [](void *to, const Event &event, const Rule &rule, Verdict verdict, Jsonb *document) {
                       (*static_cast<See *>(to))(event, rule, verdict, document);
                   }) {}

    void Look(const Event &event, const Rule *const *rules, int count);
    void Finish();

    // Why the rule that is told of cannot be decided; null where it can, or where accounts are locked.
    const char *why() const { return why_; }

private:
    using Call = void (*)(void *, const Event &, const Rule &, Verdict, Jsonb *);

    Matching(Locking locking, void *see, Call call);

    // An event with those of its rules that ask for more, from `first` on.
    struct Waiting {
        Event event;
        int64 first;
        int count;
    };

    Verdict VerdictOf(const Rule &rule, Jsonb *document);
    void Explain(const Rule &rule, Jsonb *document, Verdict verdict, const char *error);
    void Wait(const Event &event, const Rule *rule, bool *waits);
    void JudgeWaiting(const Waiting &waiting, Jsonb *user, Jsonb *stats);

    static constexpr int64 kMostWaiting = 5000;
    static constexpr int64 kMostWaitingRules = 50000;
    static constexpr Size kMostWaitingBytes = Size{64} << 20;
    static constexpr int64 kMostSlow = 3;

    bool locks_;
    const char *why_ = nullptr;
    void *see_;
    Call call_;
    MemoryContext event_memory_;
    MemoryContext waiting_memory_;
    Growing<Waiting> waiting_;
    Growing<const Rule *> rules_;
    Growing<const Rule *> slow_; // whose conditions have taken too long once: they are not tried again
};

// Locks the points accounts of these members, by organization and user.
void LockAccounts(Datum organizations, Datum users);

} // namespace laurel::rules
