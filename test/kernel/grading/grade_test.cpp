#include "kernel/grading/grade.h"

#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace laurel::kernel::grading {

namespace {

using Words = std::vector<std::string_view>;
using Pairs = std::vector<Pair>;

Answer
Said(std::string_view text) {
    Answer answer;
    answer.form = Answer::Form::Text;
    answer.text = text;
    return answer;
}

Answer
Number(double number) {
    Answer answer;
    answer.form = Answer::Form::Number;
    answer.number = number;
    return answer;
}

double
CreditOfList(Kind kind, const Words &right, bool is_partial, const Words &given) {
    Key key;
    key.kind = kind;
    key.right = right;
    key.is_partial = is_partial;
    Answer answer;
    answer.form = Answer::Form::List;
    answer.list = given;
    return Credit(key, answer);
}

double
CreditOfPairs(bool is_partial, const Pairs &given) {
    const Pairs right = {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}};
    Key key;
    key.kind = Kind::Match;
    key.pairs = right;
    key.is_partial = is_partial;
    Answer answer;
    answer.form = Answer::Form::Pairs;
    answer.pairs = given;
    return Credit(key, answer);
}

} // namespace

TEST(Grade, single_takes_the_right_one) {
    const Words right = {"b"};
    Key key;
    key.right = right;
    EXPECT_EQ(Credit(key, Said("b")), 1);
    EXPECT_EQ(Credit(key, Said("a")), 0);
    EXPECT_EQ(Credit(key, Answer()), 0);
    EXPECT_EQ(Credit(key, Number(1)), 0);
}

TEST(Grade, multiple_is_all_or_in_part) {
    const Words right = {"a", "b", "c"};
    EXPECT_EQ(CreditOfList(Kind::Multiple, right, false, {"c", "a", "b"}), 1);
    EXPECT_EQ(CreditOfList(Kind::Multiple, right, false, {"a", "b"}), 0);
    EXPECT_EQ(CreditOfList(Kind::Multiple, right, false, {"a", "b", "c", "d"}), 0);
    EXPECT_EQ(CreditOfList(Kind::Multiple, right, true, {"a", "b", "c", "d"}), 2.0 / 3);
    EXPECT_EQ(CreditOfList(Kind::Multiple, right, true, {"a"}), 1.0 / 3);
    EXPECT_EQ(CreditOfList(Kind::Multiple, right, true, {"a", "a", "a"}), 1.0 / 3);
    EXPECT_EQ(CreditOfList(Kind::Multiple, right, true, {"d", "e", "a"}), 0);
    EXPECT_EQ(CreditOfList(Kind::Multiple, right, true, {}), 0);
    EXPECT_EQ(CreditOfList(Kind::Multiple, {}, false, {}), 1);
    EXPECT_EQ(CreditOfList(Kind::Multiple, {}, true, {"a"}), 0);
}

TEST(Grade, order_counts_places) {
    const Words right = {"a", "b", "c", "d"};
    EXPECT_EQ(CreditOfList(Kind::Order, right, false, right), 1);
    EXPECT_EQ(CreditOfList(Kind::Order, right, false, {"b", "a", "c", "d"}), 0);
    EXPECT_EQ(CreditOfList(Kind::Order, right, true, {"b", "a", "c", "d"}), 0.5);
    EXPECT_EQ(CreditOfList(Kind::Order, right, true, {"a", "b", "c"}), 0);
    EXPECT_EQ(CreditOfList(Kind::Order, right, true, {"a", "a", "a", "a"}), 0.25);
}

TEST(Grade, match_counts_pairs) {
    EXPECT_EQ(CreditOfPairs(false, {{"d", "4"}, {"a", "1"}, {"b", "2"}, {"c", "3"}}), 1);
    EXPECT_EQ(CreditOfPairs(false, {{"a", "1"}, {"b", "2"}, {"c", "3"}}), 0);
    EXPECT_EQ(CreditOfPairs(true, {{"a", "1"}, {"b", "2"}, {"c", "4"}}), 0.5);
    EXPECT_EQ(CreditOfPairs(true, {{"a", "1"}, {"a", "2"}, {"b", "2"}, {"c", "3"}, {"d", "4"}}), 0);
}

TEST(Grade, true_or_false) {
    Key key;
    key.kind = Kind::TrueFalse;
    Answer answer;
    answer.form = Answer::Form::Truth;
    EXPECT_EQ(Credit(key, answer), 1);
    key.truth = true;
    EXPECT_EQ(Credit(key, answer), 0);
    EXPECT_EQ(Credit(key, Said("true")), 0);
}

TEST(Grade, large_numbers_are_exact) {
    Key key;
    key.kind = Kind::Numeric;
    key.number = 9876543210123;
    EXPECT_EQ(Credit(key, Number(9876543210123)), 1);
    EXPECT_EQ(Credit(key, Number(9876543210124)), 0);
    key.tolerance = 1e300;
    EXPECT_EQ(Credit(key, Number(std::numeric_limits<double>::infinity())), 0);
}

TEST(Grade, numbers_have_tolerance_and_unit) {
    Key key;
    key.kind = Kind::Numeric;
    key.number = 0.3;
    key.tolerance = 0.1;
    EXPECT_EQ(Credit(key, Number(0.4)), 1); // 0.4 - 0.3 > 0.1 in binary
    EXPECT_EQ(Credit(key, Number(0.2)), 1);
    EXPECT_EQ(Credit(key, Number(0.41)), 0);
    EXPECT_EQ(Credit(key, Said("0,35")), 1);
    EXPECT_EQ(Credit(key, Said("0.35 m")), 0);
    EXPECT_EQ(Credit(key, Said("much")), 0);
    const std::vector<Unit> units = {{"m", 1}, {"cm", 0.01}};
    key.units = units;
    EXPECT_EQ(Credit(key, Said("30 cm")), 1);
    EXPECT_EQ(Credit(key, Said("0.3 m")), 1);
    EXPECT_EQ(Credit(key, Said("30 m")), 0);
    EXPECT_EQ(Credit(key, Said("30 mm")), 0);
    EXPECT_EQ(Credit(key, Said("0.3")), 0);
    EXPECT_EQ(Credit(key, Number(0.3)), 0);
}

TEST(Grade, words_are_one_of_the_variants_or_of_the_pattern) {
    const Words variants = {"paris", "city of light"};
    const auto pattern = std::make_unique<Pattern>();
    ASSERT_EQ(pattern->Read("par[iy]s+"), nullptr);
    Key key;
    key.kind = Kind::Text;
    key.right = variants;
    EXPECT_EQ(Credit(key, Said("city of light")), 1);
    EXPECT_EQ(Credit(key, Said("parys")), 0);
    key.pattern = pattern.get();
    EXPECT_EQ(Credit(key, Said("parysss")), 1);
    EXPECT_EQ(Credit(key, Said("london")), 0);
}

TEST(Score, is_rounded_down) {
    Score score;
    EXPECT_EQ(score.Hundredths(), 0);
    score.Add(2, 1);
    score.Add(1, 0);
    EXPECT_EQ(score.Hundredths(), 6666);
    Score whole;
    for (int i = 0; i < 10; i++)
        whole.Add(0.1, i < 7);
    EXPECT_EQ(whole.Hundredths(), 7000);
    Score thirds;
    for (int i = 0; i < 3; i++)
        thirds.Add(1, 1.0);
    EXPECT_EQ(thirds.Hundredths(), 10000);
}

} // namespace laurel::kernel::grading
