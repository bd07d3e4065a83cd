// Seals checked against each other and against the ledger.
#pragma once

#include "points/ledger_problem.h"
#include "seals/seal.h"

namespace laurel::seals {

// Tells what is wrong with the numbers, hashes and times of seals, of one organization or of all. This and
// what follows in an SPI connection of the tables' owner; sees what the calling statement sees.
void CheckChains(const Uuid *organization, void (*tell)(void *, const points::LedgerProblem &),
                 void *listener);

// Tells which seals do not hold what they were made of: of those whose number leaves that remainder.
void CheckRoots(const Uuid *organization, int remainder, int divisor,
                void (*tell)(void *, const points::LedgerProblem &), void *listener);

// Tells both of a seal and those behind it, and entries under these that are not there as they were sealed.
void CheckSince(const Seal &since, void (*tell)(void *, const points::LedgerProblem &), void *listener);

// Tells the caller, in a notice, how many entries no seal covers: of one organization, or of all.
void TellUnsealed(const Uuid *organization);

// The same of one organization, where only what is young is read.
void TellUnsealedSince(const Uuid &organization);

// The seal that has this hash, of one organization or of any, or error 23503.
Seal SealNamed(Datum hash, const Uuid *organization);

} // namespace laurel::seals
