#pragma once

#include <map>
#include <string>
#include <vector>

#include "deliveries/channel.h"

namespace laurel::worker {

// What a claim may take of a channel: so many for that organization, or for each other one where it is empty.
struct Portion {
    std::string channel;
    std::string organization_id;
    int rows = 0;
};

// Who holds the worker's places, of which each channel has as many. No organization gets more while it holds
// as many as are left free, so that one that comes later finds some: alone it has half of them, two have a
// third each.
class Places {
public:
    explicit Places(int count) : count_(count) {}

    void Take(const Delivery &delivery);
    void GiveBack(const Delivery &delivery);
    void Clear() { held_.clear(); }

    // How many are free in the channel; below zero where more are held than there are.
    int Free(const std::string &channel) const;

    // How the free places of the channel are portioned.
    std::vector<Portion> Portions(const std::string &channel) const;

private:
    struct Held {
        int all = 0;
        std::map<std::string, int> by_organization;
    };

    int count_;
    std::map<std::string, Held> held_;
};

} // namespace laurel::worker
