#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace laurel::kernel {

// What a process remembers between two uuids: the stamp of the last one, 48 bits of milliseconds and 12 of
// fraction.
struct Uuid7State {
    uint64_t last = 0;
};

// Writes a version 7 uuid (RFC 9562, section 5.7): Unix milliseconds in 48 bits; the fraction of the
// millisecond in 1/4096 in the 12 bits of rand_a (section 6.2, method 3); 62 random bits taken from the 8
// random bytes.
//
// The uuids of one state ascend, byte for byte: when the clock stands still or runs back, the stamp is the
// last one plus one, until the clock has caught up. unix_micros is microseconds since 1970-01-01 UTC, below
// 2^48 * 1000 (year 10889).
void NextUuid7(Uuid7State &state, uint64_t unix_micros, const unsigned char random[8],
               unsigned char out[16]) noexcept;

// Reads a uuid just as Postgres' uuid type does: 32 hexadecimal digits of either case, a hyphen allowed
// after every fourth, the whole optionally in braces. No blanks. False leaves `out` unspecified.
bool ParseUuid(std::string_view text, unsigned char out[16]) noexcept;

constexpr size_t kUuidSize = 16;   // bytes
constexpr size_t kUuidLength = 36; // characters

// Writes a uuid as Postgres shows it: kUuidLength characters, lower case, in five groups.
void WriteUuid(const unsigned char uuid[16], char *out) noexcept;

} // namespace laurel::kernel
