// A points transaction as clients ask for it.
#pragma once

#include "postgres/spi.h"

namespace laurel::points {

struct Transaction {
    // Also the order of laurel.record_points_transaction's arguments.
    enum Field {
        User,
        Amount,
        Type,
        ReferenceType,
        ReferenceId,
        Reason,
        Metadata,
        Key,
        OccurredAt,
        Organization,
        kFields
    };

    static constexpr Oid kTypes[kFields] = {UUIDOID, INT8OID,  TEXTOID, TEXTOID,        UUIDOID,
                                            TEXTOID, JSONBOID, TEXTOID, TIMESTAMPTZOID, UUIDOID};

    Nullable fields[kFields];
};

// The entry made earlier under the transaction's key, as (id, entry_no, balance_after) in SPI's result; false
// where there is none; error PT409 where that entry says something else. Call with the account locked.
bool FindEarlier(const Transaction &transaction);

// Inserts, or error PT409 where another session has just used a key for another account. Two sessions with
// one account meet at its lock before.
void InsertUnlessUsed(Statement &insert, const Parameters &parameters);

} // namespace laurel::points
