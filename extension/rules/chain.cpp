#include "rules/chain.h"

#include "postgres/bridge.h"
#include "postgres/error.h"

namespace laurel::rules {

namespace {

struct Step {
    int depth;
    int nest_level; // of the subtransaction that took it
    int64 events_left;
};

constexpr int kMostSteps = 64; // one inside the other; the queue begins anew inside of what it runs

constinit Step steps[kMostSteps] = {};
constinit int step_count = 0;

// An error leaves steps behind that their statement has not taken back.
void
EndTransaction(XactEvent event) {
    if (event == XACT_EVENT_ABORT)
        step_count = 0;
}

void
EndSubtransaction(SubXactEvent event) {
    if (event != SUBXACT_EVENT_ABORT_SUB)
        return;
    while (step_count > 0 && steps[step_count - 1].nest_level >= GetCurrentTransactionNestLevel())
        step_count--;
}

} // namespace

int
ChainDepth() {
    return step_count == 0 ? 0 : steps[step_count - 1].depth;
}

int64
EventsLeft(int64 firings) {
    return step_count == 0 ? 1000 + 10 * firings : steps[step_count - 1].events_left;
}

ChainStep::ChainStep(int depth, int64 *events_left) : events_left_(events_left) {
    if (step_count == kMostSteps)
        Refuse({.message = "rules run inside of each other too deep",
                .hint = "A trigger of the application's own runs waiting rules, which fires it again."});
    steps[step_count++] = {depth, GetCurrentTransactionNestLevel(), *events_left};
}

ChainStep::~ChainStep() {
    step_count--;
}

bool
ChainStep::TakeEvent() {
    int64 *left = &steps[step_count - 1].events_left;
    return *left > 0 && (*left)-- > 0;
}

void
ChainStep::Succeed() {
    *events_left_ = steps[step_count - 1].events_left;
    if (step_count > 1)
        steps[step_count - 2].events_left = *events_left_;
}

void
InitChain() {
    RegisterXactCallback([](XactEvent event, void *) { boundary([=] { EndTransaction(event); }); }, nullptr);
    RegisterSubXactCallback([](SubXactEvent event, SubTransactionId, SubTransactionId,
                               void *) { boundary([=] { EndSubtransaction(event); }); },
                            nullptr);
}

} // namespace laurel::rules
