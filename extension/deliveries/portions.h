// How many deliveries of one organization a claim may take.
#pragma once

#include "notifications/channels.h"
#include "postgres/datum.h"

namespace laurel::deliveries {

// Channel by channel what each organization may have, which is no bound unless one is set, and less or more
// for some. What is taken is counted. Lives in the memory context it was made in.
class Portions {
public:
    Portions();

    // What each organization may have that is not named.
    void SetEach(int channel, int rows) { each_[channel] = rows; }
    void Set(int channel, const Uuid &organization, int rows);

    // The organization may have so many at most, whatever else is set.
    void Bound(int channel, const Uuid &organization, int rows);

    int Left(int channel, const Uuid &organization) const;
    void Take(int channel, const Uuid &organization, int rows = 1);

    // Whether an organization may have nothing (more).
    bool AnySpent(int channel) const { return spent_[channel]; }

private:
    bool IsBound(int channel) const { return each_[channel] != PG_INT32_MAX || own_ != nullptr; }

    int each_[notifications::kChannels];
    bool spent_[notifications::kChannels] = {};
    HTAB *own_ = nullptr;
};

} // namespace laurel::deliveries
