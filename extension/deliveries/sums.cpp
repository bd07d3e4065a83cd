#include "deliveries/sums.h"

#include "postgres/column.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

Statement insert_batch =
    Statement(
        R"(INSERT INTO laurel.delivery_batches (finished_at, channel, delivered, retried, dead, cancelled,
        latency_buckets, latency_counts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8))",
        TIMESTAMPTZOID, TEXTOID, INT4OID, INT4OID, INT4OID, INT4OID, INT2ARRAYOID, INT4ARRAYOID)
        .Generic();

// The buckets that are not empty, and what is in them.
struct Sparse {
    Datum buckets;
    Datum counts;

    explicit Sparse(const kernel::LatencyHistogram &histogram) {
        Column numbers(INT2OID, kernel::LatencyHistogram::kBuckets),
            sizes(INT4OID, kernel::LatencyHistogram::kBuckets);
        for (int bucket = 0; bucket < kernel::LatencyHistogram::kBuckets; bucket++) {
            if (histogram.count(bucket) == 0)
                continue;
            numbers.Add(Int16GetDatum(bucket));
            sizes.Add(Int32GetDatum(histogram.count(bucket)));
        }
        buckets = numbers.Array();
        counts = sizes.Array();
    }
};

} // namespace

BatchSums &
Sums::Of(std::string_view channel) {
    return of[std::min(notifications::ChannelNamed(channel), notifications::kChannels - 1)];
}

void
Sums::Write(TimestampTz now) const {
    for (int channel = 0; channel < notifications::kChannels; channel++) {
        const BatchSums &sums = of[channel];
        if (sums.delivered + sums.retried + sums.dead + sums.cancelled == 0)
            continue;
        const Sparse latencies(sums.latencies);
        const Datum values[] = {TimestampTzGetDatum(now),
                                CStringGetTextDatum(notifications::kChannelNames[channel]),
                                Int32GetDatum(sums.delivered),
                                Int32GetDatum(sums.retried),
                                Int32GetDatum(sums.dead),
                                Int32GetDatum(sums.cancelled),
                                latencies.buckets,
                                latencies.counts};
        insert_batch.Run(Access::Write, values);
    }
}

} // namespace laurel::deliveries
