#pragma once

#include <cstdint>
#include <string_view>

namespace laurel::kernel {

// The four tiers in ascending order; the number is only an order and is never stored.
enum class Tier : int { Bronze, Silver, Gold, Platinum };

// The points at which each tier begins. Bronze begins at 0; the three are expected in ascending order.
struct TierThresholds {
    int64_t silver = 500;
    int64_t gold = 1500;
    int64_t platinum = 3000;
};

// The highest tier whose threshold the points have reached; anything below silver is bronze.
constexpr Tier
TierFor(int64_t points, const TierThresholds &thresholds) noexcept {
    if (points >= thresholds.platinum)
        return Tier::Platinum;
    if (points >= thresholds.gold)
        return Tier::Gold;
    if (points >= thresholds.silver)
        return Tier::Silver;
    return Tier::Bronze;
}

// The stored name of a tier, lower case; the text lives as long as the process.
constexpr std::string_view
TierName(Tier tier) noexcept {
    switch (tier) {
    case Tier::Bronze:
        return "bronze";
    case Tier::Silver:
        return "silver";
    case Tier::Gold:
        return "gold";
    case Tier::Platinum:
        return "platinum";
    }
    return {};
}

// Reads a stored name exactly (lower case, no blanks); false leaves *tier as it was.
bool ParseTier(std::string_view name, Tier *tier) noexcept;

} // namespace laurel::kernel
