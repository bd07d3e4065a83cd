#include "kernel/grading/pattern.h"

#include <chrono>
#include <memory>
#include <string>

#include <regex.h>

#include <gtest/gtest.h>

namespace laurel::kernel::grading {

namespace {

bool
Matches(std::string_view pattern, std::string_view text) {
    const auto read = std::make_unique<Pattern>();
    const char *problem = read->Read(pattern);
    EXPECT_EQ(problem, nullptr) << pattern;
    return problem == nullptr && read->Matches(text);
}

std::string
Problem(std::string_view pattern) {
    const auto read = std::make_unique<Pattern>();
    const char *problem = read->Read(pattern);
    return problem == nullptr ? "none" : problem;
}

bool
MatchesPosix(const std::string &pattern, const std::string &text) {
    regex_t read;
    EXPECT_EQ(regcomp(&read, ("^(" + pattern + ")$").c_str(), REG_EXTENDED | REG_NOSUB), 0) << pattern;
    const bool matches = regexec(&read, text.c_str(), 0, nullptr, 0) == 0;
    regfree(&read);
    return matches;
}

} // namespace

TEST(Pattern, holds_for_whole_texts) {
    EXPECT_TRUE(Matches("colou?r", "Color"));
    EXPECT_FALSE(Matches("colou?r", "colors"));
    EXPECT_TRUE(Matches("(the )?(red|blue) planet", "The Red planet"));
    EXPECT_TRUE(Matches("[a-c]{2,3}x*", "abcxx"));
    EXPECT_FALSE(Matches("[a-c]{2,3}", "abca"));
    EXPECT_TRUE(Matches("a{0}b", "b"));
    EXPECT_TRUE(Matches("a{2,}", "aaaaa"));
    EXPECT_FALSE(Matches("a{2,}", "a"));
    EXPECT_TRUE(Matches("[^0-9]+", "wörter"));
    EXPECT_TRUE(Matches("\\d+\\.\\d\\s\\w+", "12.5 kg"));
    EXPECT_TRUE(Matches("H[2₂]O", "h₂o"));
    EXPECT_TRUE(Matches("a|", ""));
    EXPECT_TRUE(Matches("(a*)*", ""));
    EXPECT_TRUE(Matches("É.", "éx"));
    EXPECT_TRUE(Matches("[\\]\\-a]+", "-]a"));
}

TEST(Pattern, says_what_is_wrong) {
    for (const char *wrong : {"", "(", ")", "a)", "[a", "a{2", "a{3,2}", "a{x}", "*a", "\\1", "(?:a)",
                              "(?=a)", "\\q", "\\", "[b-a]", "a{101}", "^a$", "[\\1]", "a**"})
        EXPECT_NE(Problem(wrong), "none") << wrong;
    EXPECT_EQ(Problem(std::string(201, 'a')), "it is longer than 200 bytes");
    EXPECT_EQ(Problem("((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}"), "it repeats too much");
    EXPECT_NE(Problem(std::string(60, '(') + "a" + std::string(60, ')')), "none");
}

TEST(Pattern, no_text_takes_long) {
    const std::string letters(1000, 'a');
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(Matches("(a*)*b", letters));
    EXPECT_FALSE(Matches("(a|aa)+b", letters));
    EXPECT_FALSE(Matches("(a?){30}(a{30})b", letters));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
    EXPECT_FALSE(Matches("a*", std::string(1001, 'a')));
}

// POSIX reads the same signs.
TEST(Pattern, agrees_with_another_implementation) {
    unsigned seed = 7;
    const auto random = [&seed](unsigned most) { return (seed = seed * 1103515245 + 12345) / 65536 % most; };
    constexpr const char *kParts[] = {"a", "b", "c", "[ab]", "[^a]", ".", "(a|b)", "(ab|c)", "(a|)"};
    constexpr const char *kTimes[] = {"", "", "?", "*", "+", "{2}", "{1,3}", "{0,2}"};
    for (int round = 0; round < 2000; round++) {
        std::string pattern, text;
        for (unsigned i = 0, parts = 1 + random(4); i < parts; i++)
            pattern +=
                std::string(random(6) == 0 && i > 0 ? "|" : "") + kParts[random(9)] + kTimes[random(8)];
        for (unsigned i = 0, length = random(7); i < length; i++)
            text += static_cast<char>('a' + random(3));
        EXPECT_EQ(Matches(pattern, text), MatchesPosix(pattern, text)) << pattern << " " << text;
    }
}

} // namespace laurel::kernel::grading
