// Lock order: the points accounts of members whose rules have caps, by (organization_id, user_id), then their
// counters by key, then badges, then the points accounts of whom is paid, then what notifications lock.

#include "rules/firing.h"

#include "postgres/array.h"
#include "postgres/halving.h"
#include "postgres/row_set.h"
#include "postgres/sized_statement.h"
#include "rules/caps.h"
#include "rules/chain.h"
#include "rules/deeds.h"

namespace laurel::rules {

namespace {

// A rule that fails this often in one statement is tried no more there.
constexpr int kMostFailures = 50;

constexpr RowSetColumn kQueuedColumns[] = {
    {"organization_id", UUIDOID}, {"event_id", UUIDOID}, {"rule_ids", UUIDARRAYOID}};

SizedStatement write_queue(R"(
    INSERT INTO laurel_internal.rule_queue (organization_id, event_id, rule_ids, depth)
    SELECT q.organization_id, q.event_id, q.rule_ids, $1 FROM queued_events q
    ON CONFLICT (organization_id, event_id) DO NOTHING)",
                           INT4OID);

bool
ComesBefore(const Firing &a, const Firing &b) {
    if (!(a.rule->organization == b.rule->organization))
        return a.rule->organization < b.rule->organization;
    if (!(a.user == b.user))
        return a.user < b.user;
    if (a.at != b.at)
        return a.at < b.at;
    return a.event == b.event ? a.rule->id < b.rule->id : a.event < b.event;
}

// One statement's firings, and which rules have failed too often in it.
class Attempt {
public:
    Attempt(Firings *firings, int depth)
        : firings_(firings), depth_(depth), events_left_(EventsLeft(firings->count())) {}

    // All at once; where that fails each rule by itself, so that one that always fails does not hold up
    // others.
    void All() {
        Firing *begin = firings_->begin(), *end = firings_->end();
        std::sort(begin, end, ComesBefore);
        if (Succeeds(0, firings_->count()))
            return;
        std::stable_sort(begin, end,
                         [](const Firing &a, const Firing &b) { return a.rule->id < b.rule->id; });
        for (int64 first = 0, last; first < firings_->count(); first = last) {
            for (last = first; last < firings_->count() && (*firings_)[last].rule == (*firings_)[first].rule;)
                last++;
            OneRule(first, last - first);
        }
    }

private:
    bool Succeeds(int64 first, int64 count) {
        ErrorData *error = InSubtransaction([this, first, count] { Do(first, count); });
        if (error != nullptr && StopsBatch(error->sqlerrcode))
            ReThrowError(error);
        return error == nullptr;
    }

    void OneRule(int64 first, int64 count) {
        failures_ = 0;
        RunHalving(
            first, count, [this](int64 from, int64 some) { Do(from, some); },
            [this](int64 failed, ErrorData *error) { Note(failed, error); });
    }

    // Errors end it with its subtransaction, and whatever SPI has open there.
    void Do(int64 first, int64 count) {
        Firing *firings = firings_->begin() + first;
        for (int64 i = 0; i < count; i++)
            Begin(&firings[i]);
        const SpiConnection spi;
        ChainStep step(depth_ + 1, &events_left_);
        if (depth_ > 0)
            CutWide(firings, count, &step);
        if (depth_ < kMostDepth)
            ApplyCaps(firings, count);
        WriteDown(firings, count, depth_);
        DoActions(firings, count);
        step.Succeed();
    }

    // Depth alone bounds nothing: ten rules of an event that each make another one are a hundred million of
    // them.
    static void CutWide(Firing *firings, int64 count, ChainStep *step) {
        for (int64 i = 0; i < count; i++)
            if (firings[i].is_fired() && firings[i].rule->actions.event_type != nullptr &&
                !step->TakeEvent()) {
                firings[i].outcome = Outcome::Cut;
                firings[i].reason = "chain: rules have made too many events of one";
            }
    }

    void Begin(Firing *firing) const {
        firing->outcome = Outcome::Fired;
        firing->reason = nullptr;
        firing->next = DT_NOBEGIN;
        firing->error = nullptr;
        if (depth_ >= kMostDepth) {
            firing->outcome = Outcome::Cut;
            firing->reason = "chain: eight rules have led to this event";
        } else if (failures_ >= kMostFailures) {
            firing->outcome = Outcome::Failed;
            firing->reason = "not tried: the rule has failed fifty times in this statement";
            firing->error = last_error_;
        }
    }

    // A rule or a member that is gone by now leaves nothing to note it at.
    void Note(int64 number, ErrorData *error) {
        failures_++;
        last_error_ = error;
        Firing *firing = firings_->begin() + number;
        firing->outcome = Outcome::Failed;
        firing->reason = nullptr;
        firing->next = DT_NOBEGIN;
        firing->error = error;
        ErrorData *unwritten = InSubtransaction([this, firing] {
            const SpiConnection spi;
            NoteFailed(*firing, depth_);
        });
        if (unwritten == nullptr)
            return;
        if (StopsBatch(unwritten->sqlerrcode))
            ReThrowError(unwritten);
        if (unwritten->sqlerrcode != ERRCODE_FOREIGN_KEY_VIOLATION)
            ereport(WARNING, (errcode(unwritten->sqlerrcode),
                              errmsg("rule %s has failed, which could not be written down: %s",
                                     UuidText(firing->rule->id), unwritten->message)));
        FreeErrorData(unwritten);
    }

    Firings *firings_;
    int depth_;
    int64 events_left_; // rules that are tried one by one share them
    int failures_ = 0;
    const ErrorData *last_error_ = nullptr;
};

} // namespace

void
Fire(Firings *firings, int depth) {
    if (firings->count() > 0)
        Attempt(firings, depth).All();
}

// Of rules that wait for the commit the condition is looked at then: it may be what makes them slow.
void
Run::Look(const Event &event) {
    const int64 first = queued_rules_.count();
    some_.Clear();
    for (const Rule *rule : RulesOf(event.organization, event.type)) {
        if (!rule->IsInForce(event.at))
            continue;
        if (rule->after_commit)
            queued_rules_.Add(FromUuid(rule->id));
        else
            some_.Add(rule);
    }
    const int64 count = queued_rules_.count() - first;
    if (count > 0)
        queued_.Add({event.organization, event.id, first, static_cast<int>(count)});
    Match(event);
}

void
Run::Look(const Event &event, const Uuid *waiting, int count) {
    some_.Clear();
    for (const Rule *rule : RulesOf(event.organization, event.type))
        if (rule->IsInForce(event.at) && std::find(waiting, waiting + count, rule->id) != waiting + count)
            some_.Add(rule);
    Match(event);
}

void
Run::Match(const Event &event) {
    if (some_.count() > 0)
        matching_.Look(event, some_.begin(), static_cast<int>(some_.count()));
}

void
Run::operator()(const Event &event, const Rule &rule, Verdict verdict, Jsonb *) {
    if (verdict == Verdict::Holds)
        firings_.Add({&rule, event.id, event.user, event.at});
}

void
Run::Finish() {
    matching_.Finish();
    WriteQueue();
    Fire(&firings_, depth_);
}

void
Run::WriteQueue() {
    if (queued_.count() == 0)
        return;
    const SpiConnection spi;
    RowSet rows("queued_events", kQueuedColumns);
    const bool nulls[std::size(kQueuedColumns)] = {};
    for (const Queued &queued : queued_) {
        const Datum rules = ArrayOf(queued_rules_.begin() + queued.first, queued.count, UUIDOID);
        const Datum values[] = {FromUuid(queued.organization), FromUuid(queued.event), rules};
        rows.Add(values, nulls);
        pfree(DatumGetPointer(rules));
    }
    const SharedRows shared(rows);
    write_queue.Run(queued_.count(), Int32GetDatum(depth_));
}

} // namespace laurel::rules
