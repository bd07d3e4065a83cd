// Rules by which something takes place again and again, as calendars write them: RRULE of RFC 5545, 3.3.10.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "kernel/recurrence/numbers.h"

namespace laurel::kernel::recurrence {

enum class Frequency { Daily, Weekly, Monthly, Yearly };

// What `until` is a time of: the clock where it takes place, or UTC.
enum class Until { Never, Local, Utc };

// Weekdays count from 0, Sunday. Times are seconds since 1970, as if the clock were UTC. Lists that are empty
// were not given.
struct Rule {
    Frequency frequency = Frequency::Daily;
    int interval = 1;
    int count = 0; // 0 where it says none
    Until until_of = Until::Never;
    int64_t until = 0; // included
    int week_start = 1;
    Numbers<12> months;
    Numbers<31> month_days;
    uint8_t weekdays = 0; // a bit for each
    std::array<Numbers<53>, 7> nth_weekdays;
    bool has_nth_weekdays = false;
    Numbers<366> year_days;
    Numbers<53> weeks;
    Numbers<366> positions;
};

// What is wrong with a rule, as a whole sentence, and the part that says so; no detail where nothing is.
struct Fault {
    const char *detail = nullptr;
    std::string_view found;
    const char *hint = nullptr;
};

// Reads a rule such as "FREQ=MONTHLY;BYDAY=-1FR", in any case. Rules within a day are refused: what takes
// place more than once a day is several series.
Fault ParseRule(std::string_view text, Rule *rule);

} // namespace laurel::kernel::recurrence
