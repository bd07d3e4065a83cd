// Points that go from one member to another together with all else.
#pragma once

#include "postgres/spi.h"

namespace laurel::points {

// Whose points go to whom, and under which key: what was handed over under a key is not again.
struct Handover {
    Uuid from;
    Uuid into;
    const char *key;
    const char *reason;
};

// What was handed over in all organizations together.
struct HandedOver {
    int64 total = 0;
    int64 entries = 0;
};

// Takes the balance of `from` in each organization and gives `into` what `from` had: the balance, what was
// ever earned, and what came in the week and month. Proves that the sums of both are what they were. Both
// have an account wherever `from` has one. Leaves the streak of `into` as long as the longer of both. Run as
// the ledger's owner, with SPI open.
HandedOver HandOverPoints(const Handover &handover);

} // namespace laurel::points
