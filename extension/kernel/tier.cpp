#include "tier.h"

namespace laurel::kernel {

bool
ParseTier(std::string_view name, Tier *tier) noexcept {
    for (Tier candidate : {Tier::Bronze, Tier::Silver, Tier::Gold, Tier::Platinum}) {
        if (name != TierName(candidate))
            continue;
        *tier = candidate;
        return true;
    }
    return false;
}

} // namespace laurel::kernel
