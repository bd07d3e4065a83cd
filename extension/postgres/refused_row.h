// What errors tell of a row that a check or NOT NULL has refused.
#pragma once

#include "bridge.h"

namespace laurel {

// Whether Laurel acts for whoever has called.
bool ActsForLaurel();

// Takes the row out of the error, if it tells one, as the executor does, and raises it again.
[[noreturn]] void RaiseWithoutRow(ErrorData *error);

// Runs what writes rows. A refused row is told to whom may read all of it. Where Laurel writes with the
// owner's rights that would be whoever has called, and the row may hold a secret, or what others have
// written.
template <typename Fn>
std::invoke_result_t<Fn>
WithoutRefusedRow(Fn &&write) {
    if (!ActsForLaurel())
        return write();
    ErrorData *error;
    try {
        return guard(write);
    } catch (const PostgresError &caught) {
        error = caught.data();
    }
    RaiseWithoutRow(error);
}

} // namespace laurel
