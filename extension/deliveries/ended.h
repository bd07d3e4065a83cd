// Deliveries whose attempt has ended.
#pragma once

#include "postgres/datum.h"

namespace laurel::deliveries {

// A delivery whose attempt has ended. Values point into the result they were read from.
struct Ended {
    enum Column {
        Place,
        Id,
        Organization,
        Notification,
        User,
        Attempts,
        Channel,
        DueAt,
        Endpoint,
        IsDigest,
        MaxAttempts,
        kColumns
    };

    Datum values[kColumns];
    bool nulls[kColumns];

    Uuid id() const { return ToUuid(values[Id]); }
    bool is_digest() const { return DatumGetBool(values[IsDigest]); }
    bool is_letter() const { return nulls[User]; }
    int attempts() const { return DatumGetInt16(values[Attempts]); }
    bool is_last() const { return attempts() >= DatumGetInt16(values[MaxAttempts]); }
    TimestampTz due_at() const { return DatumGetTimestampTz(values[DueAt]); }
};

struct EndedRows {
    Ended *list;
    int count;
};

// All that follows runs in the SPI connection that is open, as the tables' owner.

// Those of the deliveries that are leased under the token. Their lease is locked.
EndedRows FindLeased(const Uuid &token, Datum ids);

// All that is leased under the token, which is quicker than one by one where most of it is wanted.
EndedRows ReadLease(const Uuid &token);

// They are over.
void DeleteEnded(const EndedRows &rows);

} // namespace laurel::deliveries
