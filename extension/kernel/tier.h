#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/period.h"

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

// The last days whose points count for a tier: so many days, today among them, or so many months.
struct TierWindow {
    enum Unit { Days, Months } unit;
    int32_t length;
};

// The first day of the window on a day. A month ends with the same day of the next one, or with its last.
constexpr int32_t
WindowFrom(const TierWindow &window, int32_t today) noexcept {
    return window.unit == TierWindow::Days ? today - window.length + 1 : AddMonths(today, -window.length) + 1;
}

// The tier that holds. Days are local days since 2000-01-01.
struct HeldTier {
    static constexpr int32_t kEarned = INT32_MIN; // of kept_until: SQL's null

    Tier tier;
    int32_t kept_until = kEarned; // the last day on which a tier is kept that is not earned any more

    friend bool operator==(const HeldTier &, const HeldTier &) = default;
};

// The tier that holds on a day, from the one that held and what is earned now. What is lost is kept to the
// end of the day and of so many more; of one loss those days are counted once, also if more is lost
// meanwhile.
constexpr HeldTier
Hold(const HeldTier &held, Tier earned, int32_t grace_days, int32_t today) noexcept {
    if (earned >= held.tier || grace_days == 0)
        return {earned};
    if (held.kept_until == HeldTier::kEarned)
        return {held.tier, today + grace_days};
    return held.kept_until < today ? HeldTier{earned} : held;
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
