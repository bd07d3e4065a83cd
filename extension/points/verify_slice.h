// Accounts checked one by one.
#pragma once

#include "points/slices.h"
#include "points/verifier.h"

namespace laurel::points {

// Checks every account of the slice's users, in one organization where it is given; false where there is
// none. Run as the ledger's owner, with SPI open.
bool VerifySlice(Verifier *verifier, const Slice &slice, const Uuid *organization);

} // namespace laurel::points
