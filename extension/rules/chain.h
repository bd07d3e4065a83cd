// How many rules have led to what is written now.
#pragma once

#include "postgres/pg.h"

namespace laurel::rules {

// What rules do fires rules, and those do so again: this often, and then no more.
constexpr int kMostDepth = 8;

// 0 where no rule is at work.
int ChainDepth();

// What is written in this scope follows from so many rules. An error ends it with its (sub)transaction.
class ChainStep {
public:
    explicit ChainStep(int depth);
    ChainStep(const ChainStep &) = delete;
    ChainStep &operator=(const ChainStep &) = delete;
    ~ChainStep();
};

void InitChain();

} // namespace laurel::rules
