// Paths that were completed before and are done again.
#pragma once

#include "learning/learners.h"

namespace laurel::learning {

// Whether the member does that path again and its modules pay no points for that. Run with SPI open, as the
// owner of the tables.
bool IsUnpaidRenewal(const Learner &learner, const Uuid &path);

} // namespace laurel::learning
