#include "deliveries/places.h"

#include <algorithm>

namespace laurel::worker {

void
Places::Take(const Delivery &delivery) {
    Held &held = held_[delivery.channel];
    held.all++;
    held.by_organization[delivery.organization_id]++;
}

void
Places::GiveBack(const Delivery &delivery) {
    Held &held = held_[delivery.channel];
    held.all--;
    const auto place = held.by_organization.find(delivery.organization_id);
    if (--place->second == 0)
        held.by_organization.erase(place);
}

int
Places::Free(const std::string &channel) const {
    const auto place = held_.find(channel);
    return count_ - (place == held_.end() ? 0 : place->second.all);
}

std::vector<Portion>
Places::Portions(const std::string &channel) const {
    const int free = std::max(0, Free(channel));
    // Each place taken is one free place less, hence the half.
    std::vector<Portion> portions{{channel, "", (free + 1) / 2}};
    const auto place = held_.find(channel);
    if (place == held_.end())
        return portions;
    for (const auto &[organization, held] : place->second.by_organization)
        portions.push_back({channel, organization, std::max(0, (free - held) / 2)});
    return portions;
}

} // namespace laurel::worker
