#include "deliveries/channel.h"

#include <gtest/gtest.h>

using namespace laurel::worker;

TEST(Printable, is_one_line_of_utf_8) {
    EXPECT_EQ(Printable("  a\r\nb\tc\x7f "), "a b c");
    EXPECT_EQ(Printable("Grüße 🎉"), "Grüße 🎉");
    EXPECT_EQ(Printable("a\u0085b\u009bc"), "a b c");
    EXPECT_EQ(Printable("Empf\xe4nger"), "Empfänger") << "Latin-1";
    EXPECT_EQ(Printable("a\xc3"), "aÃ") << "cut in a character";
    EXPECT_EQ(Printable(std::string("a\0b", 3)), "a b");
    EXPECT_EQ(Printable(""), "");
}

TEST(Printable, is_cut_where_people_see_no_cut) {
    EXPECT_EQ(Printable("aaaä", 4), "aaa");
    EXPECT_EQ(Printable("aa👍🏽", 6), "aa👍");
    EXPECT_EQ(Printable("aa👍🏽👍🏽", 12), "aa👍🏽");
}

TEST(IsText, tells_texts_from_other_bytes) {
    for (const char *text : {"", "no", "Grüße\r\n\t🎉", "Empf\xe4nger nicht gefunden"})
        EXPECT_TRUE(IsText(text)) << text;
    EXPECT_FALSE(IsText("\x89PNG\r\n\x1a\n"));
    EXPECT_FALSE(IsText(std::string("a\0b\0", 4)));
    EXPECT_FALSE(IsText("\x1f\x8b\x08"));
    EXPECT_FALSE(IsText("\xcf\xf0\xe8\xe2\xe5\xf2"));
}
