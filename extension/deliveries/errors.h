// What errors mean for deliveries, and what is told of them.
#pragma once

#include "postgres/datum.h"

namespace laurel::deliveries {

// Whether an error would strike other deliveries too, now or in a moment. One that is about data, the
// server's limits, what is stored or a rule that a trigger holds is a delivery's own.
bool ConcernsAll(int sqlstate);

// What an error may say: without addresses, at most 500 bytes. Palloc'd.
std::string_view LoggedError(std::string_view error);

} // namespace laurel::deliveries
