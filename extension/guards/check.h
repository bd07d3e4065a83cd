// laurel.check(): what guards hold, proven from the catalogue and the rows.
#pragma once

#include "postgres/datum.h"

namespace laurel::guards {

// What laurel.check() has found wrong.
struct Finding {
    Oid table;
    const char *guard;                  // counts, states, organization, arguments, triggers ...
    const Uuid *organization = nullptr; // of the row; null where it is no row
    const Uuid *row = nullptr;          // its id
    const char *problem;
};

// Where findings go: the rows that the function returns.
class Findings {
public:
    explicit Findings(ReturnSetInfo *result) : result_(result) {}
    void Add(const Finding &finding);

private:
    ReturnSetInfo *result_;
};

// Says that a table is looked through now, where it is big.
void TellProgress(Oid table, const char *what);

} // namespace laurel::guards
