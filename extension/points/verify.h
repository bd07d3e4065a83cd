// Everything the ledger promises, recomputed from its rows.
#pragma once

#include "points/verify_workers.h"

namespace laurel::points {

// Tells the first problem of each account: of one user's, where he is given; false where there is none to
// look at. `alone`: without parallel workers. Run as the ledger's owner, with SPI open.
bool VerifyLedger(const Uuid *user, const Verification &verification, bool alone);

// Refuses (23001) what has just been done to an organization's history when it is not sound now. `cause`
// says who may have spoiled it.
void RequireSound(const Uuid &organization, const Uuid *user, const char *cause);

} // namespace laurel::points
