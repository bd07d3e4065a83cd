#include "ledger_writes.h"

#include "postgres/pg.h"

namespace laurel {

namespace {

constexpr int kMaxDepth = 64;

// The nesting levels at which the open scopes began. Not the scopes themselves: an error leaves no stack to
// look at.
constinit int nest_levels[kMaxDepth] = {};
constinit int depth = 0;

} // namespace

LedgerWrites::LedgerWrites() : outer_depth_(depth) {
    if (depth == kMaxDepth)
        ereport(ERROR, (errcode(ERRCODE_STATEMENT_TOO_COMPLEX),
                        errmsg("triggers of the points ledger are nested more than %d deep", kMaxDepth)));
    nest_levels[depth++] = GetCurrentTransactionNestLevel();
}

LedgerWrites::~LedgerWrites() {
    depth = outer_depth_;
}

bool
LedgerWrites::Allowed() {
    return depth > 0;
}

void
LedgerWrites::ForgetFrom(int nest_level) {
    while (depth > 0 && nest_levels[depth - 1] >= nest_level)
        depth--;
}

} // namespace laurel
