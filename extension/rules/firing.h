// Rules whose conditions hold: what becomes of them.
#pragma once

#include "postgres/growing.h"
#include "rules/matching.h"

namespace laurel::rules {

enum class Outcome { Fired, Capped, Failed, Cut };

// A rule whose condition holds of an event.
struct Firing {
    const Rule *rule;
    Uuid event;
    Uuid user;
    TimestampTz at;
    Outcome outcome = Outcome::Fired;
    const char *reason = nullptr;
    TimestampTz next = DT_NOBEGIN; // from when on it may fire again
    const ErrorData *error = nullptr;

    bool is_fired() const { return outcome == Outcome::Fired; }
};

using Firings = Growing<Firing>;

// Does what the rules say, each for its member and event once, and writes down what came of it. Actions that
// fail are undone, as far as they belong to that rule, event and member, and written down; an error is raised
// only where the whole transaction cannot go on. `depth` is how many rules have led to the events. Run as the
// owner of Laurel's tables.
void Fire(Firings *firings, int depth);

// Fires the rules of these events: those that run at once, while those that run after the commit are queued,
// or those that have been.
class Run {
public:
    explicit Run(int depth) : depth_(depth) {}

    void Look(const Event &event);
    // The same with those rules alone, whenever they run now.
    void Look(const Event &event, const Uuid *waiting, int count);
    void Finish();

    void operator()(const Event &event, const Rule &rule, Verdict verdict, Jsonb *);

private:
    void Match(const Event &event);
    void WriteQueue();

    struct Queued {
        Uuid organization;
        Uuid event;
        int64 first; // of its rules
        int count;
    };

    int depth_;
    Firings firings_;
    Growing<Queued> queued_;
    Growing<Datum> queued_rules_;
    Growing<const Rule *> some_;
    Matching matching_{Matching::LocksAccounts, this};
};

} // namespace laurel::rules
