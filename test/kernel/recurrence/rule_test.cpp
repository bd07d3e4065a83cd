#include "kernel/recurrence/days.h"
#include "kernel/recurrence/first_shown.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace recurrence = laurel::kernel::recurrence;

namespace {

constexpr int64_t kSecondsOfDay = 86400;

int64_t
At(int year, unsigned month, unsigned day, int64_t hour = 0) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    return std::chrono::sys_days(date).time_since_epoch().count() * kSecondsOfDay + hour * 3600;
}

std::string
Written(int64_t time) {
    const std::chrono::year_month_day date = std::chrono::sys_days(
        std::chrono::days((time - (time % kSecondsOfDay + kSecondsOfDay) % kSecondsOfDay) / kSecondsOfDay));
    char text[32];
    std::snprintf(text, sizeof(text), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

// The first times of a rule, at most `most`.
std::string
Times(std::string_view text, int64_t start, int most = 5, int32_t from = 0) {
    recurrence::Rule rule;
    const recurrence::Fault fault = recurrence::ParseRule(text, &rule);
    if (fault.detail != nullptr)
        return std::string("fault: ") + fault.detail;
    std::string times;
    const auto visit = [&](int64_t time) {
        times += (times.empty() ? "" : " ") + Written(time);
        return --most > 0;
    };
    const recurrence::Ended ended = recurrence::EachTime(rule, start, from, visit, [] {});
    if (ended == recurrence::Ended::TooLong)
        times += " too long";
    return times;
}

struct Broken {
    const char *rule;
    const char *found;
};

constexpr Broken kBroken[] = {{"", ""},
                              {"INTERVAL=2", "INTERVAL=2"},
                              {"FREQ=HOURLY", "FREQ=HOURLY"},
                              {"FREQ=SECONDLY", "FREQ=SECONDLY"},
                              {"FREQ=", "FREQ="},
                              {"FREQ", "FREQ"},
                              {"RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY"},
                              {"FREQ=DAILY;", "FREQ=DAILY;"},
                              {"FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY"},
                              {"FREQ=DAILY;INTERVAL=0", "INTERVAL=0"},
                              {"FREQ=DAILY;INTERVAL=1001", "INTERVAL=1001"},
                              {"FREQ=DAILY;COUNT=0", "COUNT=0"},
                              {"FREQ=DAILY;COUNT=10001", "COUNT=10001"},
                              {"FREQ=DAILY;COUNT=-1", "COUNT=-1"},
                              {"FREQ=DAILY;COUNT=999999999999", "COUNT=999999999999"},
                              {"FREQ=DAILY;UNTIL=20260230", "UNTIL=20260230"},
                              {"FREQ=DAILY;UNTIL=2026010", "UNTIL=2026010"},
                              {"FREQ=DAILY;UNTIL=20260101T250000", "UNTIL=20260101T250000"},
                              {"FREQ=DAILY;UNTIL=20260101X090000", "UNTIL=20260101X090000"},
                              {"FREQ=DAILY;UNTIL=20260101T0900", "UNTIL=20260101T0900"},
                              {"FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX"},
                              {"FREQ=WEEKLY;BYDAY=MO,", "BYDAY=MO,"},
                              {"FREQ=MONTHLY;BYDAY=0MO", "BYDAY=0MO"},
                              {"FREQ=MONTHLY;BYDAY=54MO", "BYDAY=54MO"},
                              {"FREQ=MONTHLY;BYDAY=M", "BYDAY=M"},
                              {"FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32"},
                              {"FREQ=MONTHLY;BYMONTHDAY=", "BYMONTHDAY="},
                              {"FREQ=MONTHLY;BYMONTHDAY=--1", "BYMONTHDAY=--1"},
                              {"FREQ=YEARLY;BYMONTH=13", "BYMONTH=13"},
                              {"FREQ=YEARLY;BYMONTH=-1", "BYMONTH=-1"},
                              {"FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY=367"},
                              {"FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO=54"},
                              {"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS=0"},
                              {"FREQ=WEEKLY;WKST=1", "WKST=1"},
                              {"FREQ=DAILY;BYHOUR=9", "BYHOUR=9"},
                              {"FREQ=DAILY;BYMINUTE=9", "BYMINUTE=9"},
                              {"FREQ=DAILY;BYSECOND=9", "BYSECOND=9"},
                              {"FREQ=DAILY;SKIP=OMIT", "SKIP=OMIT"},
                              {"FREQ=DAILY;COUNT=2;UNTIL=20260101", "FREQ=DAILY;COUNT=2;UNTIL=20260101"},
                              {"FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYDAY=1MO"},
                              {"FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO"},
                              {"FREQ=WEEKLY;BYMONTHDAY=1", "FREQ=WEEKLY;BYMONTHDAY=1"},
                              {"FREQ=MONTHLY;BYYEARDAY=1", "FREQ=MONTHLY;BYYEARDAY=1"},
                              {"FREQ=MONTHLY;BYWEEKNO=1", "FREQ=MONTHLY;BYWEEKNO=1"},
                              {"FREQ=MONTHLY;BYSETPOS=1", "FREQ=MONTHLY;BYSETPOS=1"}};

// A clock that is an hour ahead until `turned`, and then two hours or none.
struct Turned {
    int64_t turned;
    int64_t before;
    int64_t after;

    laurel::kernel::ClockStretch operator()(int64_t moment) const {
        if (moment < turned)
            return {before, turned};
        return {after};
    }
};

} // namespace

TEST(Recurrence, example_of_the_standard_expanded_otherwise) { // RFC 5545, 3.8.5.3
    const int64_t start = At(1997, 9, 2, 9);
    EXPECT_EQ(Times("FREQ=DAILY;COUNT=3", start, 99), "1997-09-02 1997-09-03 1997-09-04");
    EXPECT_EQ(Times("FREQ=DAILY;INTERVAL=10;COUNT=3", start, 99), "1997-09-02 1997-09-12 1997-09-22");
    EXPECT_EQ(Times("FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", start, 3),
              "1997-09-02 1997-09-04 1997-09-09");
    EXPECT_EQ(Times("FREQ=MONTHLY;COUNT=3;BYDAY=1FR", At(1997, 9, 5)), "1997-09-05 1997-10-03 1997-11-07");
    EXPECT_EQ(Times("FREQ=MONTHLY;BYMONTHDAY=-3", At(1997, 9, 28), 3), "1997-09-28 1997-10-29 1997-11-28");
    EXPECT_EQ(Times("FREQ=YEARLY;INTERVAL=3;COUNT=4;BYYEARDAY=1,100,200", At(1997, 1, 1), 99),
              "1997-01-01 1997-04-10 1997-07-19 2000-01-01");
    EXPECT_EQ(Times("FREQ=YEARLY;BYDAY=20MO", At(1997, 5, 19), 3), "1997-05-19 1998-05-18 1999-05-17");
    EXPECT_EQ(Times("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", At(1997, 5, 12), 3),
              "1997-05-12 1998-05-11 1999-05-17");
    EXPECT_EQ(Times("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", At(1997, 9, 2), 5),
              "1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13");
    EXPECT_EQ(
        Times("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", At(1996, 11, 5), 3),
        "1996-11-05 2000-11-07 2004-11-02");
    EXPECT_EQ(Times("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", At(1997, 9, 4)),
              "1997-09-04 1997-10-07 1997-11-06");
    EXPECT_EQ(Times("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", At(1997, 9, 29), 3),
              "1997-09-29 1997-10-30 1997-11-27");
    EXPECT_EQ(Times("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", At(1997, 8, 5)),
              "1997-08-05 1997-08-10 1997-08-19 1997-08-24");
    EXPECT_EQ(Times("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", At(1997, 8, 5)),
              "1997-08-05 1997-08-17 1997-08-19 1997-08-31");
    EXPECT_EQ(Times("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", At(2007, 1, 15)),
              "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30");
}

TEST(Recurrence, what_is_not_said_not_taken_from_the_start) {
    EXPECT_EQ(Times("FREQ=YEARLY", At(2024, 2, 29), 2), "2024-02-29 2028-02-29");
    EXPECT_EQ(Times("FREQ=MONTHLY", At(2026, 1, 31), 3), "2026-01-31 2026-03-31 2026-05-31");
    EXPECT_EQ(Times("FREQ=WEEKLY", At(2026, 1, 7), 2), "2026-01-07 2026-01-14");
    EXPECT_EQ(Times("FREQ=YEARLY;BYMONTH=3", At(2026, 1, 7), 2), "2026-03-07 2027-03-07");
    EXPECT_EQ(Times("FREQ=YEARLY;BYWEEKNO=20", At(2026, 1, 7), 2), "2026-05-13 2027-05-19");
}

TEST(Recurrence, weekday_with_and_without_ordinal_both_needed) {
    EXPECT_EQ(Times("FREQ=MONTHLY;BYDAY=MO,-1FR", At(2026, 6, 1), 6),
              "2026-06-01 2026-06-08 2026-06-15 2026-06-22 2026-06-26 2026-06-29");
}

TEST(Recurrence, position_counted_from_the_start_not_from_the_week) {
    // The first of Monday and Thursday is the Monday before it starts.
    EXPECT_EQ(Times("FREQ=WEEKLY;BYDAY=MO,TH;BYSETPOS=1", At(2026, 1, 7), 2), "2026-01-12 2026-01-19");
}

TEST(Recurrence, last_time_left_out_or_one_more) {
    EXPECT_EQ(Times("FREQ=DAILY;UNTIL=20260103", At(2026, 1, 1, 9), 99), "2026-01-01 2026-01-02 2026-01-03");
    EXPECT_EQ(Times("FREQ=DAILY;UNTIL=20260103T090000", At(2026, 1, 1, 9), 99),
              "2026-01-01 2026-01-02 2026-01-03");
    EXPECT_EQ(Times("FREQ=DAILY;UNTIL=20260103T085959", At(2026, 1, 1, 9), 99), "2026-01-01 2026-01-02");
    EXPECT_EQ(Times("FREQ=DAILY;UNTIL=20251231", At(2026, 1, 1, 9), 99), "");
}

TEST(Recurrence, times_before_a_day_not_counted_or_shown) {
    const auto day = static_cast<int32_t>(At(2026, 3, 1) / kSecondsOfDay);
    EXPECT_EQ(Times("FREQ=MONTHLY;COUNT=4", At(2026, 1, 15), 99, day), "2026-03-15 2026-04-15");
    for (const char *rule :
         {"FREQ=DAILY;INTERVAL=7", "FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,TH", "FREQ=MONTHLY;INTERVAL=5",
          "FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=SU,MO", "FREQ=YEARLY;INTERVAL=4;BYYEARDAY=-1"}) {
        const std::string all = Times(rule, At(2020, 1, 2), 60);
        const size_t later = all.size() - 22;
        std::chrono::year_month_day date{};
        int year = 0;
        unsigned month = 0, of_month = 0;
        ASSERT_EQ(std::sscanf(all.c_str() + later + 1, "%d-%u-%u", &year, &month, &of_month), 3) << all;
        const auto from = static_cast<int32_t>(At(year, month, of_month) / kSecondsOfDay);
        EXPECT_EQ(Times(rule, At(2020, 1, 2), 2, from), all.substr(later + 1)) << rule;
    }
}

TEST(Recurrence, start_before_1970_moved) {
    EXPECT_EQ(Times("FREQ=WEEKLY", At(1969, 12, 28, 23), 3, -999), "1969-12-28 1970-01-04 1970-01-11");
    EXPECT_EQ(Times("FREQ=YEARLY", At(1900, 2, 28, 1), 2, -99999), "1900-02-28 1901-02-28");
}

TEST(Recurrence, rule_that_names_no_day_searched_for_ever) {
    EXPECT_EQ(Times("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", At(2026, 1, 1)), "");
    EXPECT_EQ(Times("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", At(2026, 1, 1)), " too long");
    EXPECT_EQ(Times("FREQ=DAILY;BYMONTH=1;BYMONTHDAY=1;COUNT=9999", At(2026, 1, 1), 9999).substr(0, 10),
              "2026-01-01");
    EXPECT_EQ(Times("FREQ=YEARLY;INTERVAL=1000;BYMONTHDAY=31", At(9990, 12, 31)), "9990-12-31");
    EXPECT_EQ(Times("FREQ=WEEKLY;INTERVAL=1000", At(9999, 12, 31), 9), "9999-12-31");
}

TEST(Recurrence, visitor_not_heard_or_polled) {
    recurrence::Rule rule;
    ASSERT_EQ(recurrence::ParseRule("FREQ=DAILY", &rule).detail, nullptr);
    int polled = 0, seen = 0;
    const auto ended = recurrence::EachTime(
        rule, 0, 0, [&](int64_t) { return ++seen < 7; }, [&] { polled++; });
    EXPECT_EQ(ended, recurrence::Ended::Stopped);
    EXPECT_EQ(seen, 7);
    EXPECT_EQ(polled, 7);
}

TEST(Recurrence, capitals_and_signs_matter) {
    EXPECT_EQ(Times("freq=monthly;byday=+1mo;count=1;wkst=su", At(2026, 1, 1)), "2026-01-05");
    recurrence::Rule rule;
    ASSERT_EQ(recurrence::ParseRule("FREQ=DAILY;UNTIL=20260101t090000z", &rule).detail, nullptr);
    EXPECT_EQ(rule.until_of, recurrence::Until::Utc);
    EXPECT_EQ(rule.until, At(2026, 1, 1, 9));
}

TEST(Recurrence, broken_rule_taken) {
    for (const Broken &broken : kBroken) {
        recurrence::Rule rule;
        const recurrence::Fault fault = recurrence::ParseRule(broken.rule, &rule);
        ASSERT_NE(fault.detail, nullptr) << broken.rule;
        EXPECT_EQ(fault.found, broken.found);
        EXPECT_NE(fault.hint, nullptr);
    }
}

TEST(Recurrence, skipped_or_doubled_time_at_another_moment) {
    constexpr int64_t hour = 3600;
    const Turned spring = {100 * hour, hour, 2 * hour}; // at 101:00 on the clock it becomes 102:00
    EXPECT_EQ(recurrence::FirstShown(101 * hour - 1, spring), 100 * hour - 1);
    EXPECT_EQ(recurrence::FirstShown(101 * hour + 1800, spring), 100 * hour + 1800); // as 102:30
    EXPECT_EQ(recurrence::FirstShown(102 * hour, spring), 100 * hour);
    const Turned autumn = {100 * hour, 2 * hour, hour}; // at 102:00 it becomes 101:00
    EXPECT_EQ(recurrence::FirstShown(101 * hour, autumn), 99 * hour);
    EXPECT_EQ(recurrence::FirstShown(101 * hour + 1800, autumn), 99 * hour + 1800); // the first of two
    EXPECT_EQ(recurrence::FirstShown(102 * hour, autumn), 101 * hour);
    EXPECT_EQ(recurrence::FirstShown(102 * hour - 1, autumn), 100 * hour - 1);
}
