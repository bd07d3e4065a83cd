#include "kernel/characters.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

TEST(Characters, reads_utf8) {
    const std::string text = "a\u00e9\u20ac\U0001f600";
    const char32_t wanted[] = {'a', 0xE9, 0x20AC, 0x1F600};
    size_t position = 0;
    for (const char32_t character : wanted)
        EXPECT_EQ(NextCharacter(text, &position), character);
    EXPECT_EQ(position, text.size());
}

TEST(Characters, stays_inside_of_what_is_damaged) {
    for (const std::string bad :
         {"\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xff", "\xc0\x80", "\xe2x", "\xf5\x80\x80\x80"}) {
        size_t position = 0;
        EXPECT_EQ(NextCharacter(bad, &position), U'\xFFFD') << bad;
        EXPECT_EQ(position, 1u) << bad;
    }
}

TEST(Characters, knows_what_nobody_sees) {
    for (const char32_t character : {0x09, 0x20, 0x85, 0xA0, 0xAD, 0x200B, 0x200D, 0x200E, 0x2028, 0x202E,
                                     0x2060, 0x3000, 0x3164, 0xFE0F, 0xFEFF, 0xFFFE, 0x1FFFF, 0xE0041})
        EXPECT_TRUE(IsUnseen(character)) << std::hex << static_cast<unsigned>(character);
    for (const char32_t character :
         {0x21, 0x7E, 0xA1, 0xAE, 0x301, 0x200A + 6, 0x20AC, 0x3001, 0xFE10, 0xFF01, 0x1F600})
        EXPECT_FALSE(IsUnseen(character)) << std::hex << static_cast<unsigned>(character);
}

TEST(Characters, trims_both_ends) {
    EXPECT_EQ(Trimmed("\ufeff \t a b\u00a0\u200b\n"), "a b");
    EXPECT_EQ(Trimmed("a\u200bb"), "a\u200bb");
    EXPECT_EQ(Trimmed("\u200b \u3000"), "");
    EXPECT_EQ(Trimmed(""), "");
    EXPECT_EQ(Trimmed(" \ufffd "), "\ufffd");
}
