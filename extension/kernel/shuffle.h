// Orders that look random and come out the same again.
#pragma once

#include <cstdint>
#include <string_view>

namespace laurel::kernel {

// The place of an item in the order that a seed makes: items by rank are shuffled, the first of them drawn.
// FNV-1a over seed and item, spread by the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
constexpr uint64_t
RankBySeed(uint64_t seed, std::string_view item) noexcept {
    constexpr uint64_t kOffset = 14695981039346656037U, kPrime = 1099511628211U;
    uint64_t hash = kOffset;
    for (int i = 0; i < 8; i++)
        hash = (hash ^ ((seed >> (8 * i)) & 0xff)) * kPrime;
    for (const char c : item)
        hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9U;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebU;
    return hash ^ (hash >> 31);
}

} // namespace laurel::kernel
