// What is kept of attempts: one row each, and their sums for the status page.
#pragma once

#include "kernel/latency_histogram.h"
#include "notifications/channels.h"
#include "postgres/row_set.h"

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
    int attempts() const { return DatumGetInt16(values[Attempts]); }
    bool is_last() const { return attempts() >= DatumGetInt16(values[MaxAttempts]); }
    TimestampTz due_at() const { return DatumGetTimestampTz(values[DueAt]); }
};

struct EndedRows {
    Ended *list;
    int count;
};

// How it ended.
struct Ending {
    const char *outcome;
    int attempt;
    std::optional<int> status;
    std::optional<float> duration_ms;
    std::optional<float> latency_ms;
    std::string_view error;
};

// Sums of one completion, for one channel.
struct BatchSums {
    int delivered = 0;
    int retried = 0;
    int dead = 0;
    int cancelled = 0;
    kernel::LatencyHistogram latencies;
};

// All that follows runs in the SPI connection that is open, as the tables' owner.

// Those of the deliveries that are leased under the token. Their lease is locked.
EndedRows FindLeased(const Uuid &token, Datum ids);

// All that is leased under the token, which is quicker than one by one where most of it is wanted.
EndedRows ReadLease(const Uuid &token);

// They are over.
void DeleteEnded(const EndedRows &rows);

// Rows for the log. A digest gets a row for each of its notifications.
class AttemptLog {
public:
    // `forget`: the digests are over, and their notes with them.
    enum Digests { Keep, Forget };

    AttemptLog(const EndedRows &rows, Digests digests);

    void Add(const Ended &row, const Ending &ending);
    void Write(TimestampTz now);

private:
    struct Item {
        Uuid delivery;
        Uuid notification;
    };

    void AddRow(const Ended &row, const Ending &ending, Datum notification);

    Item *items_ = nullptr;
    int item_count_ = 0;
    RowSet rows_;
};

// Makes the partition of this month where nobody made it ahead of time: a completion must never fail for want
// of it.
void EnsurePartition(TimestampTz now);

// The sums of each channel.
struct Sums {
    BatchSums of[notifications::kChannels];

    BatchSums &Of(std::string_view channel);
    void Write(TimestampTz now) const;
};

// A delivery that nobody can get, and why.
struct Cancelled {
    Uuid delivery;
    const char *reason;
};

// Deletes those that are leased under the token. They were not attempted.
void CancelDeliveries(const Uuid &token, TimestampTz now, Cancelled *cancelled, int count);

// Whether an error would strike other deliveries too, now or in a moment. One that is about data, the
// server's limits, what is stored or a rule that a trigger holds is a delivery's own.
bool ConcernsAll(int sqlstate);

// What an error may say: without addresses, at most 500 bytes. Palloc'd.
std::string_view LoggedError(std::string_view error);

double Milliseconds(TimestampTz from, TimestampTz to);

} // namespace laurel::deliveries
