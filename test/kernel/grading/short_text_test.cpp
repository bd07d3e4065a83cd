#include "kernel/grading/short_text.h"

#include <string>

#include <gtest/gtest.h>

namespace laurel::kernel::grading {

namespace {

std::string
Written(std::string_view text) {
    std::string out(text.size(), '#');
    out.resize(WriteShortText(text, out.data()));
    return out;
}

} // namespace

TEST(ShortText, case_and_blanks_count_for_nothing) {
    EXPECT_EQ(Written("  New \t York\n"), "new york");
    EXPECT_EQ(Written("ÉCOLE"), "école");
    EXPECT_EQ(Written("ŽIŽEK Łódź Ÿ"), "žižek łódź Ÿ");
    EXPECT_EQ(Written("ΣΟΦΟΣ σοφος σοφός"), "σοφοσ σοφοσ σοφόσ");
    EXPECT_EQ(Written("МОСКВА Ёж"), "москва ёж");
    EXPECT_EQ(Written("a\xC2\xA0\xE2\x80\x83 b"), "a b");
    EXPECT_EQ(Written("a\xE2\x80\x8B"
                      "b\xEF\xBB\xBF"),
              "ab");
    EXPECT_EQ(Written(""), "");
    EXPECT_EQ(Written(" \n "), "");
}

TEST(ShortText, other_writing_stays_as_it_is) {
    EXPECT_EQ(Written("東京 😀 ÷×ß"), "東京 😀 ÷×ß");
}

TEST(ShortText, broken_bytes_are_blanks_and_nothing_is_read_beyond_them) {
    for (const std::string text : {"\xFF", "a\xC3", "\xE2\x82", "\xF0\x9F\x98", "\x80\x80"})
        EXPECT_EQ(Written(text), text[0] == 'a' ? "a" : "") << text;
}

TEST(ShortText, nothing_grows) {
    for (uint32_t c = 0x80; c < 0x3000; c++) {
        const bool is_long = c >= 0x800;
        const std::string text =
            is_long
                ? std::string{static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
                              static_cast<char>(0x80 | (c & 0x3F))}
                : std::string{static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
        const std::string once = Written(text);
        EXPECT_LE(once.size(), text.size()) << c;
        EXPECT_EQ(Written(once), once) << c;
    }
}

} // namespace laurel::kernel::grading
