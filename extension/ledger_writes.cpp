#include "ledger_writes.h"

#include "postgres/pg.h"

namespace laurel {

namespace {

constexpr int kMaxDepth = 64;

// The open scopes. Not the objects themselves: an error leaves no stack to look at.
constinit struct {
    int nest_level; // at which it began
    bool taken;     // its statement that writes balances has begun
} scopes[kMaxDepth] = {};
constinit int depth = 0;

} // namespace

LedgerWrites::LedgerWrites() : outer_depth_(depth) {
    if (depth == kMaxDepth)
        ereport(ERROR, (errcode(ERRCODE_STATEMENT_TOO_COMPLEX),
                        errmsg("triggers of the points ledger are nested more than %d deep", kMaxDepth)));
    scopes[depth++] = {GetCurrentTransactionNestLevel(), false};
}

LedgerWrites::~LedgerWrites() {
    depth = outer_depth_;
}

bool
LedgerWrites::Allowed() {
    return depth > 0;
}

bool
LedgerWrites::TakeBalances() {
    if (depth == 0 || scopes[depth - 1].taken)
        return false;
    scopes[depth - 1].taken = true;
    return true;
}

void
LedgerWrites::ForgetFrom(int nest_level) {
    while (depth > 0 && scopes[depth - 1].nest_level >= nest_level)
        depth--;
}

} // namespace laurel
