#include "kernel/matching.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

int pauses = 0;

struct Case {
    std::vector<int32_t> places;
    std::vector<std::vector<int16_t>> scores;
};

std::vector<uint32_t>
MatchOf(const Case &given) {
    const size_t newcomers = given.scores.size(), buddies = given.places.size();
    std::vector<int16_t> scores;
    for (const std::vector<int16_t> &row : given.scores)
        scores.insert(scores.end(), row.begin(), row.end());
    std::vector<int32_t> space(MatchingSpace(newcomers, buddies));
    std::vector<uint32_t> match(newcomers, 12345);
    Match({static_cast<uint32_t>(newcomers), static_cast<uint32_t>(buddies), scores.data(),
           given.places.data(), [] { pauses++; }},
          space.data(), match.data());
    return match;
}

// How many are matched, and what their scores add up to.
struct Outcome {
    int matched = 0;
    int64_t total = 0;

    auto operator<=>(const Outcome &) const = default;
};

Outcome
OutcomeOf(const Case &given, const std::vector<uint32_t> &match) {
    Outcome outcome;
    std::vector<int32_t> left = given.places;
    for (size_t i = 0; i < match.size(); i++) {
        if (match[i] == kUnmatched)
            continue;
        EXPECT_LT(match[i], given.places.size());
        EXPECT_GE(--left[match[i]], 0);
        EXPECT_NE(given.scores[i][match[i]], kNoMatch);
        outcome.matched++;
        outcome.total += given.scores[i][match[i]];
    }
    return outcome;
}

// The best outcome of all there are, from that newcomer on.
Outcome
BestOf(const Case &given, std::vector<int32_t> *left, size_t newcomer = 0) {
    if (newcomer == given.scores.size())
        return {};
    Outcome best = BestOf(given, left, newcomer + 1);
    for (size_t buddy = 0; buddy < left->size(); buddy++) {
        const int16_t score = given.scores[newcomer][buddy];
        if (score == kNoMatch || (*left)[buddy] == 0)
            continue;
        (*left)[buddy]--;
        Outcome with = BestOf(given, left, newcomer + 1);
        (*left)[buddy]++;
        with.matched++;
        with.total += score;
        best = std::max(best, with);
    }
    return best;
}

Case
AnyCase(std::mt19937 &random, size_t newcomers, size_t buddies, int most_places, int scores, int without) {
    Case made;
    for (size_t buddy = 0; buddy < buddies; buddy++)
        made.places.push_back(static_cast<int32_t>(random() % static_cast<unsigned>(most_places + 1)));
    made.scores.resize(newcomers);
    for (std::vector<int16_t> &row : made.scores)
        for (size_t buddy = 0; buddy < buddies; buddy++)
            row.push_back(static_cast<int>(random() % 100) < without
                              ? kNoMatch
                              : static_cast<int16_t>(random() % static_cast<unsigned>(scores + 1)));
    return made;
}

} // namespace

TEST(Match, nobody) {
    EXPECT_TRUE(MatchOf({}).empty());
    EXPECT_TRUE(MatchOf({{1, 2}, {}}).empty());
    EXPECT_EQ(MatchOf({{}, {{}, {}}}), (std::vector<uint32_t>{kUnmatched, kUnmatched}));
}

TEST(Match, nobody_without_places) {
    EXPECT_EQ(MatchOf({{0, 0}, {{900, 1000}}}), (std::vector<uint32_t>{kUnmatched}));
}

TEST(Match, nobody_who_does_not_fit) {
    EXPECT_EQ(MatchOf({{5}, {{kNoMatch}, {0}}}), (std::vector<uint32_t>{kUnmatched, 0}));
}

// Taking the best first gives 1000 and 0.
TEST(Match, together_better_than_the_best_first) {
    EXPECT_EQ(MatchOf({{1, 1}, {{1000, 900}, {990, 0}}}), (std::vector<uint32_t>{1, 0}));
}

// The best pair would leave one without.
TEST(Match, as_many_as_possible_before_the_score) {
    EXPECT_EQ(MatchOf({{1, 1}, {{1000, 0}, {1000, kNoMatch}}}), (std::vector<uint32_t>{1, 0}));
}

TEST(Match, more_newcomers_than_places) {
    EXPECT_EQ(MatchOf({{2}, {{300}, {100}, {200}}}), (std::vector<uint32_t>{0, kUnmatched, 0}));
}

TEST(Match, everybody_with_one_who_has_places_for_all) {
    EXPECT_EQ(MatchOf({{9, 9}, {{7, 6}, {7, 6}, {7, 6}}}), (std::vector<uint32_t>{0, 0, 0}));
}

TEST(Match, the_first_of_equals) {
    EXPECT_EQ(MatchOf({{1, 1, 1}, {{5, 5, 5}, {5, 5, 5}}}), (std::vector<uint32_t>{0, 1}));
}

TEST(Match, pauses_for_each) {
    pauses = 0;
    MatchOf({{1}, {{1}, {2}, {3}}});
    EXPECT_EQ(pauses, 3);
}

TEST(Match, agrees_with_trying_everything) {
    std::mt19937 random(42);
    int without = 0, full = 0;
    for (int round = 0; round < 4000; round++) {
        const Case given = AnyCase(random, random() % 7, random() % 5, 3, round % 2 ? 4 : 1000,
                                   static_cast<int>(random() % 90));
        std::vector<int32_t> left = given.places;
        const Outcome best = BestOf(given, &left), found = OutcomeOf(given, MatchOf(given));
        ASSERT_EQ(found.matched, best.matched) << "round " << round;
        ASSERT_EQ(found.total, best.total) << "round " << round;
        const int people = static_cast<int>(given.scores.size());
        without += best.matched < people;
        full += best.matched == people;
    }
    EXPECT_GT(without, 500);
    EXPECT_GT(full, 500);
}

// Whoever comes in another order is matched to the same total.
TEST(Match, total_does_not_depend_on_the_order) {
    std::mt19937 random(7);
    for (int round = 0; round < 20; round++) {
        Case given = AnyCase(random, 120, 40, 4, 12, 50);
        const Outcome first = OutcomeOf(given, MatchOf(given));
        std::shuffle(given.scores.begin(), given.scores.end(), random);
        const Outcome second = OutcomeOf(given, MatchOf(given));
        ASSERT_EQ(first.matched, second.matched);
        ASSERT_EQ(first.total, second.total);
    }
}

// No two who are matched would gain by changing places, nor anybody by a place that is free.
TEST(Match, nothing_to_gain_in_a_large_one) {
    std::mt19937 random(3);
    const Case given = AnyCase(random, 600, 150, 6, 1000, 20);
    const std::vector<uint32_t> match = MatchOf(given);
    std::vector<int32_t> left = given.places;
    for (const uint32_t buddy : match)
        if (buddy != kUnmatched)
            left[buddy]--;
    const auto score = [&](size_t i, uint32_t buddy) { return given.scores[i][buddy]; };
    for (size_t i = 0; i < match.size(); i++) {
        for (uint32_t buddy = 0; buddy < left.size(); buddy++) {
            if (left[buddy] > 0) {
                ASSERT_LE(score(i, buddy), match[i] == kUnmatched ? kNoMatch : score(i, match[i]));
            }
        }
        for (size_t j = 0; j < i; j++) {
            if (match[i] != kUnmatched && match[j] != kUnmatched && score(i, match[j]) != kNoMatch &&
                score(j, match[i]) != kNoMatch) {
                ASSERT_LE(score(i, match[j]) + score(j, match[i]), score(i, match[i]) + score(j, match[j]));
            }
        }
    }
}
