#include "kernel/zone_name.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

TEST(ZoneName, takes_names) {
    for (const char *good : {"UTC", "utc", "GMT", "Europe/Zurich", "America/Port-au-Prince", "Japan",
                             "NZ-CHAT", "Etc/GMT-14", "etc/gmt+12", "Etc/GMT0", "Etc/UTC"})
        EXPECT_EQ(ZoneNameFault(good).detail, nullptr) << good;
}

TEST(ZoneName, refuses_offsets_and_says_their_names) {
    const std::string pairs[][2] = {{"+3", "Etc/GMT-3"},
                                    {"-03", "Etc/GMT+3"},
                                    {"UTC+3", "Etc/GMT-3"},
                                    {"gmt-11", "Etc/GMT+11"},
                                    {"+14:00", "Etc/GMT-14"},
                                    {"-1200", "Etc/GMT+12"},
                                    {"GMT+0", "UTC"},
                                    {"+15", ""},
                                    {"-13", ""},
                                    {"+5:30", ""},
                                    {"3", ""},
                                    {"GMT0", ""},
                                    {"Etc/GMT+13", ""},
                                    {"EST5", ""},
                                    {"<+03>-3", ""},
                                    {"UTC+", ""},
                                    {"+123456", ""}};
    for (const auto &[given, meant] : pairs) {
        if (given != "UTC+") {
            EXPECT_NE(ZoneNameFault(given).detail, nullptr) << given;
        }
        EXPECT_EQ(ZoneNameFault(given).meant, meant) << given;
    }
}

TEST(ZoneName, refuses_what_means_something_else_elsewhere) {
    for (const char *bad :
         {"CET", "cest", "EST", "EST5EDT", "PST8PDT", "HST", "localtime", "Factory", "posixrules",
          "posix/Europe/Zurich", "RIGHT/UTC", "", "Europe/Z\xc3\xbcrich", "a b", "../x", "x;y"})
        EXPECT_NE(ZoneNameFault(bad).detail, nullptr) << bad;
    EXPECT_EQ(ZoneNameFault("CET").meant, "Europe/Berlin");
    EXPECT_EQ(ZoneNameFault("posix/Europe/Zurich").meant, "Europe/Zurich");
    EXPECT_NE(ZoneNameFault(std::string(65, 'x')).detail, nullptr);
}
