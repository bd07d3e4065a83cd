#include "kernel/given_name.h"

#include <gtest/gtest.h>

using laurel::kernel::GivenName;

TEST(GivenName, is_the_first_word) {
    EXPECT_EQ(GivenName("Mira Lund"), "Mira");
    EXPECT_EQ(GivenName("  Mira   Lund "), "Mira");
    EXPECT_EQ(GivenName("Mira\tLund"), "Mira");
    EXPECT_EQ(GivenName("Mira\u00a0Lund"), "Mira");
    EXPECT_EQ(GivenName("Mira"), "Mira");
    EXPECT_EQ(GivenName("Anne-Marie Lund"), "Anne-Marie");
    EXPECT_EQ(GivenName("山田太郎"), "山田太郎");
}

TEST(GivenName, stands_behind_the_comma_of_a_family_name) {
    EXPECT_EQ(GivenName("Lund, Mira"), "Mira");
    EXPECT_EQ(GivenName("Lund, Mira Johanna"), "Mira");
}

TEST(GivenName, is_all_of_it_where_nobody_knows) {
    for (const char *name :
         {"Dr. Mira Lund", "J. R. Lund", "van der Berg, Jan", "Mira Lund, PhD", "Lund, M.", "Lund,"})
        EXPECT_EQ(GivenName(name), name);
    EXPECT_EQ(GivenName(""), "");
    EXPECT_EQ(GivenName(" \u00a0 "), "");
}
