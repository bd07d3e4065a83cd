// The steps in which a policy's rows go.
#pragma once

#include "retention/rows.h"

namespace laurel::retention {

// How far a run has come.
struct Progress {
    bool has_begun;
    BlockPass pass;
    Uuid organization; // archiving: from which on the next step looks

    friend bool operator==(const Progress &, const Progress &) = default;
};

// Takes about policy.batch_rows rows where the run has come to, and moves on. Rows that somebody has locked
// are waited for where `patient`, else passed over. Run with SPI open and new holds locked out.
Tally TakeStep(const Policy &policy, Progress *progress, bool patient);

// Counts what a run would take, or, where `only_held`, what holds keep from it.
Tally CountDue(const Policy &policy, bool only_held);

} // namespace laurel::retention
