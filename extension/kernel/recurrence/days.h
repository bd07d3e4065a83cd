// The days that a rule of recurrence names. Days count from 1970-01-01; times are seconds since then on the
// clock where it takes place.
#pragma once

#include "kernel/recurrence/rule.h"

namespace laurel::kernel::recurrence {

// How many periods are looked at: years, months, weeks or days, as the rule says.
constexpr int kMostSteps = 10000;

// How looking through a rule ended: it names no more, its visitor has had enough, or it took too many steps.
enum class Ended { Over, Stopped, TooLong };

// The periods of a rule, one after the other, each with its days. What the rule leaves open follows from the
// day on which it starts.
class Periods {
public:
    // From the period of `from` on, where nothing before it has to be counted.
    Periods(const Rule &rule, int32_t start, int32_t from);

    // Goes to the next period; false after the year 9999.
    bool Next();

    // Its days, in order.
    const int32_t *begin() const { return days_.data(); }
    const int32_t *end() const { return days_.data() + count_; }

private:
    void Complete(int32_t start);
    void Collect(int32_t first, int32_t last);
    void KeepPositions();
    bool Names(int32_t day) const;
    bool NamesWeekday(int32_t day) const;
    bool NamesWeek(int32_t day) const;
    int32_t WeekStart(int32_t day) const;

    Rule rule_;
    int32_t start_;
    int64_t period_;
    int count_ = 0;
    std::array<int32_t, 366> days_;
};

// Calls visit(time) for each time of the rule on or after the day `from`, in order, until it says false.
// Times are those of `start`, from which on the rule is counted. An UNTIL in UTC is left to the visitor.
// Calls poll() before each step.
template <typename Visit, typename Poll>
Ended
EachTime(const Rule &rule, int64_t start, int32_t from, Visit &&visit, Poll &&poll) {
    constexpr int64_t per_day = 86400;
    const int64_t clock = (start % per_day + per_day) % per_day;
    const auto first = static_cast<int32_t>((start - clock) / per_day);
    Periods periods(rule, first, from);
    int counted = 0;
    for (int step = 0; step < kMostSteps; step++) {
        poll();
        if (!periods.Next())
            return Ended::Over;
        for (const int32_t day : periods) {
            if (day < first)
                continue;
            const int64_t time = day * per_day + clock;
            if (rule.until_of == Until::Local && time > rule.until)
                return Ended::Over;
            if (day >= from && !visit(time))
                return Ended::Stopped;
            if (++counted == rule.count)
                return Ended::Over;
        }
    }
    return Ended::TooLong;
}

} // namespace laurel::kernel::recurrence
