// What is kept of attempts: a row each, for whoever asks what became of a delivery.
#pragma once

#include "deliveries/ended.h"
#include "postgres/row_set.h"

namespace laurel::deliveries {

// How an attempt ended.
struct Ending {
    const char *outcome;
    int attempt;
    std::optional<int> status;
    std::optional<float> duration_ms;
    std::optional<float> latency_ms;
    std::string_view error;
};

// Rows for the log. Runs in the SPI connection that is open, as the tables' owner. A digest gets a row for
// each of its notifications, a letter none: whoever wrote it is not to learn whether it arrived.
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

double Milliseconds(TimestampTz from, TimestampTz to);

} // namespace laurel::deliveries
