// How many rules have led to what is written now.
#pragma once

#include "postgres/pg.h"

namespace laurel::rules {

// What rules do fires rules, and those do so again: this often, and then no more.
constexpr int kMostDepth = 8;

// 0 where no rule is at work.
int ChainDepth();

// What is written in this scope follows from so many rules, of which so many have fired at once. An error
// ends it with its (sub)transaction.
class ChainStep {
public:
    ChainStep(int depth, int64 firings);
    ChainStep(const ChainStep &) = delete;
    ChainStep &operator=(const ChainStep &) = delete;
    ~ChainStep();

    // Takes one of the events that may still be made because of what began the chain: a thousand, and ten for
    // each rule that fired there. False where none is left.
    bool TakeEvent();

    // What was taken stays taken; without it, as after an error, it may be taken again.
    void Succeed();
};

void InitChain();

} // namespace laurel::rules
