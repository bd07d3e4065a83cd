// The ledger's slices checked by as many processes as may run.
#pragma once

#include "points/slices.h"
#include "points/verifier.h"

namespace laurel::points {

// What is checked, and who is told: problems come in no order.
struct Verification {
    const Uuid *organization; // null for all
    void (*tell)(void *, const LedgerProblem &);
    void *listener;
    bool sealed = false; // with what seals hold
};

// Checks all slices, and what seals hold where that is asked for, with the help of parallel workers where
// max_parallel_workers_per_gather allows any; false where there was no account. `alone`: without them, in the
// middle of a transaction's own work. Run as the ledger's owner, with SPI open.
bool VerifySlices(const Slices &slices, const Verification &verification, bool alone);

} // namespace laurel::points
