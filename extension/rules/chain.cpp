#include "rules/chain.h"

#include "postgres/bridge.h"
#include "postgres/error.h"

namespace laurel::rules {

namespace {

struct Step {
    int depth;
    int nest_level; // of the subtransaction that took it
};

constexpr int kMostSteps = 64; // one inside the other; the queue begins anew inside of what it runs

constinit Step steps[kMostSteps] = {};
constinit int step_count = 0;

void
EndTransaction(XactEvent event) {
    if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
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

ChainStep::ChainStep(int depth) {
    if (step_count == kMostSteps)
        Refuse({.message = "rules run inside of each other too deep",
                .hint = "A trigger of the application's own runs waiting rules, which fires it again."});
    steps[step_count++] = {depth, GetCurrentTransactionNestLevel()};
}

ChainStep::~ChainStep() {
    step_count--;
}

void
InitChain() {
    RegisterXactCallback([](XactEvent event, void *) { boundary([=] { EndTransaction(event); }); }, nullptr);
    RegisterSubXactCallback([](SubXactEvent event, SubTransactionId, SubTransactionId,
                               void *) { boundary([=] { EndSubtransaction(event); }); },
                            nullptr);
}

} // namespace laurel::rules
