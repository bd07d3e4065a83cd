#include "kernel/uuid7.h"

#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "hex.h"

using namespace laurel::kernel;

namespace {

struct Uuid {
    unsigned char bytes[16];
};

Uuid
Next(Uuid7State &state, uint64_t unix_micros, const unsigned char *random) {
    Uuid uuid;
    NextUuid7(state, unix_micros, random, uuid.bytes);
    return uuid;
}

std::string
Hex(const Uuid &uuid) {
    return ToHex(uuid.bytes, sizeof uuid.bytes);
}

// Makes uuids with the clock given for each and fails when one is not above the one before.
template <typename Clock>
void
ExpectAscending(int count, Clock clock) {
    std::mt19937_64 random(7);
    Uuid7State state;
    Uuid before{};
    for (int i = 0; i < count; i++) {
        const uint64_t bits = random();
        const Uuid uuid = Next(state, clock(i), reinterpret_cast<const unsigned char *>(&bits));
        ASSERT_LT(memcmp(before.bytes, uuid.bytes, sizeof uuid.bytes), 0) << i;
        ASSERT_EQ(uuid.bytes[6] >> 4, 7) << i;
        ASSERT_EQ(uuid.bytes[8] >> 6, 2) << i;
        before = uuid;
    }
}

constexpr uint64_t kNow = 1645557742000000; // the moment of RFC 9562's example, 2022-02-22 19:22:22 UTC
constexpr unsigned char kZeros[8] = {};
constexpr unsigned char kOnes[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

} // namespace

TEST(Uuid7, layout_of_the_rfc_not_kept) {
    constexpr unsigned char kRandom[8] = {0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
    Uuid7State state;
    // RFC 9562, A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F; its rand_a CC3 is 797.6 microseconds
    EXPECT_EQ(Hex(Next(state, kNow, kRandom)), "017f22e279b0700098c4dc0c0c07398f");
    EXPECT_EQ(Hex(Next(state, kNow + 798, kRandom)), "017f22e279b07cc498c4dc0c0c07398f");
}

TEST(Uuid7, random_bits_spill_into_version_or_variant) {
    Uuid7State state;
    EXPECT_EQ(Hex(Next(state, kNow, kOnes)), "017f22e279b07000bfffffffffffffff");
    EXPECT_EQ(Hex(Next(state, kNow + 1000, kZeros)), "017f22e279b170008000000000000000");
}

TEST(Uuid7, fraction_of_the_millisecond_lost) {
    Uuid7State state;
    EXPECT_EQ(Hex(Next(state, kNow + 500, kZeros)).substr(12, 4), "7800");
    EXPECT_EQ(Hex(Next(state, kNow + 999, kZeros)).substr(12, 4), "7ffb");
}

TEST(Uuid7, frozen_clock_repeats_a_stamp) {
    ExpectAscending(100000, [](int) { return kNow; });
}

TEST(Uuid7, backwards_clock_breaks_the_order) {
    ExpectAscending(100000, [](int i) { return kNow - static_cast<uint64_t>(i) * 1000; });
}

TEST(Uuid7, jumping_clock_breaks_the_order) {
    std::mt19937_64 jumps(1582);
    ExpectAscending(100000, [&](int) { return kNow + jumps() % 10000; });
}

TEST(Uuid7, full_fraction_does_not_carry) {
    Uuid7State state;
    Next(state, kNow + 999, kZeros);
    for (int i = 0; i < 4; i++)
        Next(state, kNow + 999, kZeros);
    EXPECT_EQ(Hex(Next(state, kNow + 999, kZeros)).substr(0, 16), "017f22e279b17000");
}

TEST(Uuid7, clock_ignored_after_it_caught_up) {
    Uuid7State state;
    for (int i = 0; i < 10; i++)
        Next(state, kNow, kZeros);
    EXPECT_EQ(Hex(Next(state, kNow + 5000, kZeros)).substr(0, 16), "017f22e279b57000");
}

TEST(ParseUuid, form_postgres_reads_refused) {
    for (const char *text : {
             "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
             "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
             "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
             "a0eebc999c0b4ef8bb6d6bb9bd380a11",
             "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
             "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
         }) {
        Uuid uuid{};
        EXPECT_TRUE(ParseUuid(text, uuid.bytes)) << text;
        EXPECT_EQ(Hex(uuid), "a0eebc999c0b4ef8bb6d6bb9bd380a11") << text;
    }
}

TEST(ParseUuid, form_postgres_refuses_read) {
    for (const char *text : {
             "",
             "{}",
             "{",
             "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
             "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111",
             "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
             "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
             "{{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}}",
             "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-",
             "-a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
             "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11",
             "a0-eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
             "a0eebc9-99c0b-4ef8-bb6d-6bb9bd380a11",
             " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
             "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\n",
             "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
             "0xeebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
         }) {
        Uuid uuid{};
        EXPECT_FALSE(ParseUuid(text, uuid.bytes)) << text;
    }
}

TEST(ParseUuid, made_uuid_does_not_read_back) {
    std::mt19937_64 random(16);
    Uuid7State state;
    for (int i = 0; i < 1000; i++) {
        const uint64_t bits = random();
        const Uuid made = Next(state, kNow + i, reinterpret_cast<const unsigned char *>(&bits));
        std::string text = Hex(made);
        for (int at : {20, 16, 12, 8})
            text.insert(at, "-");
        Uuid read{};
        ASSERT_TRUE(ParseUuid(text, read.bytes));
        ASSERT_EQ(Hex(read), Hex(made));
    }
}

TEST(WriteUuid, text_does_not_read_back) {
    std::mt19937_64 random(17);
    Uuid7State state;
    for (int i = 0; i < 1000; i++) {
        const uint64_t bits = random();
        const Uuid made = Next(state, kNow + i, reinterpret_cast<const unsigned char *>(&bits));
        std::string text(kUuidLength, '?');
        WriteUuid(made.bytes, text.data());
        Uuid read{};
        ASSERT_TRUE(ParseUuid(text, read.bytes)) << text;
        ASSERT_EQ(Hex(read), Hex(made));
    }
}

TEST(WriteUuid, is_not_as_postgres_shows_it) {
    Uuid uuid{};
    ASSERT_TRUE(ParseUuid("{A0EEBC99-9C0B4EF8BB6D6BB9BD380A11}", uuid.bytes));
    std::string text(kUuidLength, '?');
    WriteUuid(uuid.bytes, text.data());
    EXPECT_EQ(text, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
}
