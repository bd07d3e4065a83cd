// Latencies counted in buckets that grow by a fifth: four to a doubling.
#pragma once

#include <array>
#include <cmath>

namespace laurel::kernel {

// Bucket n holds latencies up to 2^(n/4) / 8 milliseconds; the last one, and longer ones too, about a week.
class LatencyHistogram {
public:
    static constexpr int kBuckets = 130;

    static int BucketOf(double milliseconds) noexcept {
        if (!(milliseconds > 0.125))
            return 0;
        const double bucket = std::ceil(4 * std::log2(milliseconds * 8) - 1e-9);
        return bucket < kBuckets ? static_cast<int>(bucket) : kBuckets - 1;
    }

    void Add(double milliseconds) noexcept { counts_[static_cast<size_t>(BucketOf(milliseconds))]++; }
    int count(int bucket) const noexcept { return counts_[static_cast<size_t>(bucket)]; }

private:
    std::array<int, kBuckets> counts_{};
};

} // namespace laurel::kernel
