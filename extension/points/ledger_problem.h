// What is wrong with a ledger.
#pragma once

#include "postgres/datum.h"

namespace laurel::points {

struct LedgerProblem {
    Uuid organization;
    Uuid user;
    int64 entry_no; // 0 where it is the account's
    const char *problem;
    bool of_seal = false; // it is no account's
};

} // namespace laurel::points
