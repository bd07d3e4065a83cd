#include "kernel/shares.h"

#include <array>
#include <numeric>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

template <size_t N>
std::array<int, N>
Quotas(std::array<Share, N> shares, int room) {
    Divide(shares.data(), N, room);
    std::array<int, N> quotas;
    for (size_t i = 0; i < N; i++)
        quotas[i] = shares[i].quota;
    return quotas;
}

} // namespace

TEST(Divide, follows_the_weights) {
    EXPECT_EQ((Quotas<3>({{{6, true, 0}, {3, true, 0}, {1, true, 0}}}, 500)), (std::array{300, 150, 50}));
}

TEST(Divide, leaves_out_those_who_want_nothing) {
    EXPECT_EQ((Quotas<3>({{{6, false, 9}, {3, true, 9}, {1, true, 9}}}, 100)), (std::array{0, 75, 25}));
    EXPECT_EQ((Quotas<2>({{{6, false, 9}, {3, false, 9}}}, 100)), (std::array{0, 0}));
}

TEST(Divide, gives_away_all_of_the_room) {
    for (int room = 0; room < 200; room++) {
        const auto quotas = Quotas<4>({{{6, true, 0}, {6, true, 0}, {3, true, 0}, {1, true, 0}}}, room);
        ASSERT_EQ(std::accumulate(quotas.begin(), quotas.end(), 0), room);
    }
}

TEST(Divide, gives_the_first_ones_what_does_not_divide) {
    EXPECT_EQ((Quotas<3>({{{1, true, 0}, {1, true, 0}, {1, true, 0}}}, 2)), (std::array{1, 1, 0}));
    EXPECT_EQ((Quotas<3>({{{6, true, 0}, {3, true, 0}, {1, true, 0}}}, 1)), (std::array{1, 0, 0}));
}
