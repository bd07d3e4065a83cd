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
Parameter(std::string_view text) {
    std::string written;
    AppendIcsParameter(text, [&](std::string_view piece) { written += piece; });
    return written;
}

std::string
Mailto(std::string_view address) {
    std::string written;
    AppendMailto(address, [&](std::string_view piece) { written += piece; });
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

TEST(ICalendar, name_ends_its_parameter) {
    EXPECT_EQ(Parameter("Ana Costa"), "\"Ana Costa\"");
    EXPECT_EQ(Parameter(""), "\"\"");
    EXPECT_EQ(Parameter("Dr. \"M\";ROLE=CHAIR:x, y"), "\"Dr. ^'M^';ROLE=CHAIR:x, y\"");
    EXPECT_EQ(Parameter("^n^'"), "\"^^n^^'\"");
    EXPECT_EQ(Parameter("two\r\nlines"), "\"two^nlines\"");
    EXPECT_EQ(Parameter("tab\tbell\x07\x7f\r"), "\"tabbell\"");
    EXPECT_EQ(Parameter("Zoë 日本 😀"), "\"Zoë 日本 😀\"");
    EXPECT_EQ(Parameter(std::string_view("a\0b", 3)), "\"ab\"");
}

TEST(ICalendar, address_changes_its_uri) {
    EXPECT_EQ(Mailto("ana@example.org"), "mailto:ana@example.org");
    EXPECT_EQ(Mailto("a.b-c_d~e!f$g'h*i+j@b"), "mailto:a.b-c_d~e!f$g'h*i+j@b");
    EXPECT_EQ(Mailto("x?cc=y&z@b"), "mailto:x%3Fcc%3Dy%26z@b");
    EXPECT_EQ(Mailto("50%#1/^`{|}@b"), "mailto:50%25%231%2F%5E%60%7B%7C%7D@b");
    EXPECT_EQ(Mailto("zoë@日.example"), "mailto:zo%C3%AB@%E6%97%A5.example");
    EXPECT_EQ(Mailto("a;b,c:d\"e\r\n@b"), "mailto:a%3Bb%2Cc%3Ad%22e%0D%0A@b");
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
