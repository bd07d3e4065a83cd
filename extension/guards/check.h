// laurel.check(): what guards hold, proven from the catalogue and the rows.
#pragma once

#include "guards/attached.h"

namespace laurel::guards {

// What laurel.check() has found wrong.
struct Finding {
    Oid table;
    const char *guard;                  // counts, states, acyclic, organization, arguments, triggers ...
    const Uuid *organization = nullptr; // of the row; null where it is no row
    const Uuid *row = nullptr;          // its id
    const char *problem = "";
};

// Where findings go: the rows that the function returns.
class Findings {
public:
    explicit Findings(ReturnSetInfo *result) : result_(result) {}
    void Add(const Finding &finding);

    // Adds one where the table lacks a trigger that belongs to this one.
    void Expect(const Guarded &guarded, Oid table, const GuardKind &kind, int16 event);

private:
    ReturnSetInfo *result_;
};

// Says that a table is looked through now, where it is big.
void TellProgress(Oid table, const char *what);

// What says which row of a table it is: its column of type uuid, or a null.
const char *UuidColumn(Oid table, const char *column);

} // namespace laurel::guards
