// Everything the ledger promises, recomputed from its rows.
#pragma once

#include "points/ledger_problem.h"

namespace laurel::points {

// Tells the first problem of each account to `tell`: of one user's, or of one organization's, where they are
// given; false where there is none to look at. Run as the ledger's owner, with SPI open.
bool VerifyLedger(const Uuid *user, const Uuid *organization, void (*tell)(void *, const LedgerProblem &),
                  void *listener);

// Refuses (23001) what has just been done to an organization's history when it is not sound now. `cause`
// says who may have spoiled it.
void RequireSound(const Uuid &organization, const Uuid *user, const char *cause);

} // namespace laurel::points
