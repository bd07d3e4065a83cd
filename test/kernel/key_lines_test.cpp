#include "kernel/key_lines.h"

#include <string>

#include <gtest/gtest.h>

#include "hex.h"

using namespace laurel::kernel;

namespace {

// A key that no other number makes.
std::string
Line(int number) {
    char start[5];
    snprintf(start, sizeof start, "%04x", number);
    return start + std::string(60, '7');
}

std::string
Lines(int count, const char *end = "\n") {
    std::string text;
    for (int i = 0; i < count; i++)
        text += Line(i) + end;
    return text;
}

// What is wrong and in which line, or how many keys there are.
std::string
Read(std::string_view text) {
    KeyLines lines;
    ReadKeyLines(text, &lines);
    if (lines.fault == nullptr)
        return std::to_string(lines.count);
    return std::to_string(lines.count + 1) + ": " + lines.fault;
}

} // namespace

TEST(KeyLines, are_read_in_order) {
    KeyLines lines;
    ReadKeyLines(Lines(2), &lines);
    ASSERT_EQ(lines.count, 2);
    EXPECT_EQ(ToHex(lines.keys[0], kKeySize), Line(0));
    EXPECT_EQ(ToHex(lines.keys[1], kKeySize), Line(1));
}

TEST(KeyLines, are_the_same_in_capitals) {
    const std::string small = std::string(32, 'a') + "0123456789abcdef" + std::string(16, 'f');
    std::string capital = small;
    for (char &c : capital)
        c = static_cast<char>(toupper(c));
    KeyLines lines;
    ReadKeyLines(capital, &lines);
    ASSERT_EQ(lines.count, 1);
    EXPECT_EQ(ToHex(lines.keys[0], kKeySize), small);
    EXPECT_EQ(Read(small + "\n" + capital), "2: it is there twice");
}

TEST(KeyLines, end_with_a_line_or_without) {
    EXPECT_EQ(Read(Line(1)), "1");
    EXPECT_EQ(Read(Line(1) + "\n"), "1");
    EXPECT_EQ(Read(Line(1) + "\n\n"), "2: it is empty");
    EXPECT_EQ(Read("\n" + Line(1)), "1: it is empty");
    EXPECT_EQ(Read(""), "1: it is empty");
    EXPECT_EQ(Read("\n"), "1: it is empty");
}

TEST(KeyLines, hold_nothing_else) {
    EXPECT_EQ(Read(Line(1).substr(1)), "1: it has not 64 characters");
    EXPECT_EQ(Read(Line(1) + "7"), "1: it has not 64 characters");
    EXPECT_EQ(Read(Line(1) + " "), "1: it has not 64 characters");
    EXPECT_EQ(Read("\xef\xbb\xbf" + Line(1)), "1: it has not 64 characters");
    EXPECT_EQ(Read(Lines(2, "\r\n")), "1: it ends as lines do on Windows");
    EXPECT_EQ(Read(Line(0) + "\n# " + Line(1)), "2: it has not 64 characters");
    for (const char other : {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\xb5'}) {
        std::string line = Line(1);
        line[40] = other;
        EXPECT_EQ(Read(line), "1: it holds what is no hexadecimal digit") << static_cast<int>(other);
    }
}

TEST(KeyLines, are_random) {
    for (const char *byte : {"00", "ff", "7a"}) {
        std::string line;
        for (size_t i = 0; i < kKeySize; i++)
            line += byte;
        EXPECT_EQ(Read(line), "1: it is not random");
        line[63] = line[63] == '1' ? '2' : '1';
        EXPECT_EQ(Read(line), "1");
    }
}

TEST(KeyLines, are_there_once) {
    EXPECT_EQ(Read(Lines(3) + Line(1)), "4: it is there twice");
}

TEST(KeyLines, are_sixteen_at_most) {
    EXPECT_EQ(Read(Lines(kMostKeys)), "16");
    EXPECT_EQ(Read(Lines(kMostKeys) + "\n"), "17: there are more than 16 keys");
    EXPECT_EQ(Read(Lines(kMostKeys + 1)), "17: there are more than 16 keys");
    EXPECT_EQ(Read(Lines(kMostKeys * 100)), "17: there are more than 16 keys");
}

TEST(KeyLines, are_whatever_a_file_holds) {
    for (int length = 0; length < 300; length++)
        for (const char *filling : {"0123456789abcdef", "\n", "f", "\xff", "7\n"}) {
            std::string text;
            while (static_cast<int>(text.size()) < length)
                text += filling;
            KeyLines lines;
            ReadKeyLines(text, &lines);
            EXPECT_LE(lines.count, static_cast<int>(text.size() / 64));
            EXPECT_TRUE(lines.fault != nullptr || lines.count > 0);
        }
}
