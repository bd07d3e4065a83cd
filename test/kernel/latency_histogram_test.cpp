#include "kernel/latency_histogram.h"

#include <limits>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

double
UpperBound(int bucket) {
    return std::exp2(bucket / 4.0) / 8;
}

} // namespace

TEST(LatencyHistogram, puts_each_latency_at_most_a_fifth_below_its_bound) {
    for (double latency = 0.13; latency < 1e8; latency *= 1.03) {
        const int bucket = LatencyHistogram::BucketOf(latency);
        ASSERT_LE(latency, UpperBound(bucket) * 1.0001);
        ASSERT_GT(latency, UpperBound(bucket - 1) * 0.9999);
    }
}

TEST(LatencyHistogram, has_bounds_on_both_sides) {
    EXPECT_EQ(LatencyHistogram::BucketOf(0), 0);
    EXPECT_EQ(LatencyHistogram::BucketOf(-5), 0);
    EXPECT_EQ(LatencyHistogram::BucketOf(0.125), 0);
    EXPECT_EQ(LatencyHistogram::BucketOf(1), 12);
    EXPECT_EQ(LatencyHistogram::BucketOf(std::numeric_limits<double>::quiet_NaN()), 0);
    EXPECT_EQ(LatencyHistogram::BucketOf(std::numeric_limits<double>::infinity()),
              LatencyHistogram::kBuckets - 1);
}

TEST(LatencyHistogram, counts) {
    LatencyHistogram histogram;
    histogram.Add(1);
    histogram.Add(0.95);
    histogram.Add(1000);
    EXPECT_EQ(histogram.count(12), 2);
    EXPECT_EQ(histogram.count(LatencyHistogram::BucketOf(1000)), 1);
    EXPECT_EQ(histogram.count(0), 0);
}
