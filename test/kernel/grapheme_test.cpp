#include "kernel/grapheme.h"

#include <string>

#include <gtest/gtest.h>

using laurel::kernel::WholeGraphemes;

namespace {

// The pieces of at most so many bytes that a text is cut into.
std::string
Pieces(std::string_view text, size_t most) {
    std::string pieces;
    while (!text.empty()) {
        const size_t length = WholeGraphemes(text, most);
        pieces.append(pieces.empty() ? "" : "|").append(text.substr(0, length));
        text.remove_prefix(length);
    }
    return pieces;
}

} // namespace

TEST(Grapheme, what_is_one_is_not_cut) {
    EXPECT_EQ(Pieces("abc", 2), "ab|c");
    EXPECT_EQ(Pieces("äöü", 3), "ä|ö|ü");
    EXPECT_EQ(Pieces("e\u0301e\u0301", 4), "e\u0301|e\u0301") << "accents";
    EXPECT_EQ(Pieces("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 30), "👩‍👩‍👧‍👦|👩‍👩‍👧‍👦") << "families";
    EXPECT_EQ(Pieces("👍🏽👍🏽", 12), "👍🏽|👍🏽") << "shades";
    EXPECT_EQ(Pieces("🇨🇭🇩🇪🇫🇷", 20), "🇨🇭🇩🇪|🇫🇷") << "flags";
    EXPECT_EQ(Pieces("🏴󠁧󠁢󠁳󠁣󠁴󠁿🏴󠁧󠁢󠁳󠁣󠁴󠁿", 45), "🏴󠁧󠁢󠁳󠁣󠁴󠁿|🏴󠁧󠁢󠁳󠁣󠁴󠁿") << "tags";
    EXPECT_EQ(Pieces("❤️❤️", 8), "❤️|❤️") << "variations";
    EXPECT_EQ(Pieces("\u1112\u1161\u11ab\u1112\u1161\u11ab", 10), "\u1112\u1161\u11ab|\u1112\u1161\u11ab");
    EXPECT_EQ(Pieces("नीनी", 8), "नी|नी");
}

TEST(Grapheme, what_has_no_room_is_cut_between_characters) {
    EXPECT_EQ(Pieces("👩‍👩‍👧‍👦", 10), "👩‍|👩‍|👧‍|👦");
    EXPECT_EQ(Pieces("日本", 2), "日|本") << "one character at least";
    EXPECT_EQ(Pieces("\xff\xfe\x80", 1), "\xff|\xfe|\x80") << "bytes that are none";
    EXPECT_EQ(WholeGraphemes("", 5), 0U);
}

TEST(Grapheme, marks_without_end_are_cut_somewhere) {
    std::string text = "e";
    for (int i = 0; i < 1000; i++)
        text += "\u0301";
    for (std::string_view rest = text; !rest.empty();) {
        const size_t length = WholeGraphemes(rest, 45);
        ASSERT_GE(length, 1U);
        ASSERT_LE(length, 45U);
        rest.remove_prefix(length);
    }
}
