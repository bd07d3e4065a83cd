#include "kernel/nearest.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

TEST(Nearest, counts_letters) {
    EXPECT_EQ(NameDistance("", ""), 0u);
    EXPECT_EQ(NameDistance("abc", ""), 3u);
    EXPECT_EQ(NameDistance("", "abc"), 3u);
    EXPECT_EQ(NameDistance("kitten", "sitting"), 3u);
    EXPECT_EQ(NameDistance("ABC", "abc"), 0u);
    EXPECT_EQ(NameDistance("ab", "ba"), 2u);
    EXPECT_EQ(NameDistance(std::string(kMaxNearest, 'x'), std::string(kMaxNearest, 'y')), kMaxNearest);
    EXPECT_EQ(NameDistance(std::string(kMaxNearest + 1, 'x'), "x"), static_cast<size_t>(-1));
}

TEST(Nearest, finds_what_was_meant) {
    Nearest nearest("amuont");
    for (const char *name : {"user_id", "amount", "reason"})
        nearest.Look(name);
    EXPECT_EQ(nearest.found(), "amount");
}

TEST(Nearest, finds_nothing_where_nothing_is_near) {
    Nearest nearest("colour");
    for (const char *name : {"user_id", "amount", ""})
        nearest.Look(name);
    EXPECT_EQ(nearest.found(), "");
    Nearest none("");
    none.Look("ab");
    EXPECT_EQ(none.found(), "");
}

TEST(Nearest, keeps_the_first_of_several) {
    Nearest nearest("abd");
    nearest.Look("abc", "first");
    nearest.Look("abe", "second");
    EXPECT_EQ(nearest.found(), "first");
}
