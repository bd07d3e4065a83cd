// What has come since a seal, checked alone.
#pragma once

#include "points/verify_workers.h"
#include "seals/seal.h"

namespace laurel::points {

// Tells what is wrong with the entries of the seal's organization that were made since, and with where their
// accounts stand. What lies before is taken as it is. Run as the ledger's owner, with SPI open.
void VerifySince(const seals::Seal &seal, const Verification &verification);

} // namespace laurel::points
