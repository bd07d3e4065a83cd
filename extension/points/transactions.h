// A points transaction as clients ask for it.
#pragma once

#include "postgres/spi.h"

namespace laurel {

// Fields of a transaction; also the order of laurel.record_points_transaction's arguments.
enum TransactionField {
    kUser,
    kAmount,
    kType,
    kReferenceType,
    kReferenceId,
    kReason,
    kMetadata,
    kKey,
    kOccurredAt,
    kOrganization,
    kFields,
};

constexpr Oid kFieldTypes[kFields] = {UUIDOID, INT8OID,  TEXTOID, TEXTOID,        UUIDOID,
                                      TEXTOID, JSONBOID, TEXTOID, TIMESTAMPTZOID, UUIDOID};

struct Transaction {
    Datum values[kFields];
    bool nulls[kFields];
};

// The entry made earlier under the transaction's key, as (id, entry_no, balance_after) in SPI's result; false
// where there is none; error PT409 where that entry says something else. Call with the account locked.
bool FindEarlier(const Transaction &transaction);

// Inserts, or error PT409 where another session has just used a key for another account. Two sessions with
// one account meet at its lock before.
void InsertUnlessUsed(Statement &insert, const Datum *values, const char *nulls);

} // namespace laurel
