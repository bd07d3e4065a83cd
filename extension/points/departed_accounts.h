// Accounts of members who have left.
#pragma once

#include "points/posting.h"

namespace laurel::points {

// Forgets where the account ended; false where its history, replayed into `open`, does not end there. In an
// SPI connection of the tables' owner.
bool ReopensWhereItEnded(const OpenAccount &open);

} // namespace laurel::points
