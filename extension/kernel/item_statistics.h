// How an item of a test does: its definitions are those of Moodle's quiz statistics.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace laurel::kernel {

struct ItemStatistics {
    double mean, deviation; // of the marks; the deviation of a sample
    double discrimination;  // correlation of the marks with the rest of the score, -1 to 1
    double efficiency;      // covariance with the rest of the score, of what it could be at most
};

// Sum of products of differences from the means, of values in the order in which they are.
inline double
Codeviation(std::span<const double> a, std::span<const double> b, double mean_a, double mean_b) noexcept {
    double sum = 0;
    for (size_t i = 0; i < a.size(); i++)
        sum += (a[i] - mean_a) * (b[i] - mean_b);
    return sum;
}

inline double
MeanOf(std::span<const double> values) noexcept {
    double sum = 0;
    for (const double value : values)
        sum += value;
    return sum / static_cast<double>(values.size());
}

// Of marks and, for each, the rest of its score. Sorts both, each for itself: what their covariance could be
// at most. What there is not, for want of a second mark or of any difference, is not a number.
inline ItemStatistics
StatisticsOf(std::span<double> marks, std::span<double> rests) noexcept {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    const size_t count = marks.size();
    ItemStatistics statistics = {kNone, kNone, kNone, kNone};
    if (count == 0)
        return statistics;
    const double mean = MeanOf(marks), rest = MeanOf(rests);
    statistics.mean = mean;
    if (count == 1)
        return statistics;
    const double marks_square = Codeviation(marks, marks, mean, mean);
    const double rests_square = Codeviation(rests, rests, rest, rest);
    const double together = Codeviation(marks, rests, mean, rest);
    statistics.deviation = std::sqrt(marks_square / static_cast<double>(count - 1));
    if (marks_square > 0 && rests_square > 0)
        statistics.discrimination = together / std::sqrt(marks_square * rests_square);
    std::sort(marks.begin(), marks.end());
    std::sort(rests.begin(), rests.end());
    const double most = Codeviation(marks, rests, mean, rest);
    if (most > 0)
        statistics.efficiency = together / most;
    return statistics;
}

} // namespace laurel::kernel
