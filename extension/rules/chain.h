// How many rules have led to what is written now.
#pragma once

#include "postgres/pg.h"

namespace laurel::rules {

// What rules do fires rules, and those do so again: this often, and then no more.
constexpr int kMostDepth = 8;

// 0 where no rule is at work.
int ChainDepth();

// How many events may still be made because of what began the chain: a thousand, and ten for each of the
// rules that fire there, which are so many where nothing has begun yet.
int64 EventsLeft(int64 firings);

// What is written in this scope follows from so many rules, and makes so many more events at most. An error
// ends it with its (sub)transaction.
class ChainStep {
public:
    ChainStep(int depth, int64 *events_left);
    ChainStep(const ChainStep &) = delete;
    ChainStep &operator=(const ChainStep &) = delete;
    ~ChainStep();

    // Takes one of the events that are left. False where none is.
    bool TakeEvent();

    // What was taken stays taken; without it, as after an error, it may be taken again.
    void Succeed();

private:
    int64 *events_left_;
};

void InitChain();

} // namespace laurel::rules
