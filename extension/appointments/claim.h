// Time that an appointment takes from people and rooms.
#pragma once

#include "postgres/parameters.h"
#include "postgres/datum.h"

namespace laurel::appointments {

// What a row takes, and of whom; null: of nobody.
struct Claim {
    Nullable organization;
    Nullable trainer;
    Nullable room;
    Nullable beneficiary;
    Datum blocked;
    Nullable self; // the row's id, which is in nobody's way
};

// [from, until) as a tstzrange; empty where that is none.
Datum Blocked(TimestampTz from, TimestampTz until);

// Locks trainer, room and beneficiary in that order until the transaction ends, ends holds that have expired,
// and refuses (23P01) what is not free. As the owner, with SPI open.
void Take(const Claim &claim);

} // namespace laurel::appointments
