#include "kernel/icalendar.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

std::string
Text(std::string_view text) {
    std::string written;
    AppendIcsText(text, [&](std::string_view piece) { written += piece; });
    return written;
}

std::string
Line(std::string_view line) {
    std::string written;
    AppendIcsLine(line, [&](std::string_view piece) { written += piece; });
    return written;
}

// Undoes folding, and looks at each line.
std::string
Unfolded(const std::string &lines) {
    std::string line;
    size_t begin = 0;
    for (size_t end; (end = lines.find("\r\n", begin)) != std::string::npos; begin = end + 2) {
        const std::string part = lines.substr(begin, end - begin);
        EXPECT_LE(part.size(), kIcsLineOctets);
        EXPECT_NE(static_cast<unsigned char>(part[begin == 0 ? 0 : 1]) & 0xC0, 0x80) << "within a character";
        line += begin == 0 ? part : part.substr(1);
    }
    EXPECT_EQ(begin, lines.size());
    return line;
}

} // namespace

TEST(ICalendar, text_written_as_it_is) {
    EXPECT_EQ(Text("plain"), "plain");
    EXPECT_EQ(Text("a;b,c\\d"), "a\\;b\\,c\\\\d");
    EXPECT_EQ(Text("two\r\nlines\n"), "two\\nlines\\n");
    EXPECT_EQ(Text("tab\tand bell\x07\x7f"), "tab\tand bell");
    EXPECT_EQ(Text(""), "");
    EXPECT_EQ(Text("Grüße: \"x\""), "Grüße: \"x\"");
}

TEST(ICalendar, short_line_folded) {
    EXPECT_EQ(Line("SUMMARY:x"), "SUMMARY:x\r\n");
    EXPECT_EQ(Line(std::string(75, 'x')), std::string(75, 'x') + "\r\n");
    EXPECT_EQ(Line(""), "\r\n");
}

TEST(ICalendar, long_line_not_folded) {
    EXPECT_EQ(Line(std::string(76, 'x')), std::string(75, 'x') + "\r\n x\r\n");
    EXPECT_EQ(Line(std::string(150, 'x')),
              std::string(75, 'x') + "\r\n " + std::string(74, 'x') + "\r\n x\r\n");
}

TEST(ICalendar, folding_changes_the_line) {
    const char *const characters[] = {"x", "é", "日", "😀"};
    for (const char *character : characters)
        for (size_t before = 0; before < 8; before++)
            for (int count : {1, 20, 74, 75, 76, 200}) {
                std::string line(before, 'a');
                for (int i = 0; i < count; i++)
                    line += character;
                EXPECT_EQ(Unfolded(Line(line)), line);
            }
}
