// Accounts that come to another tier, or lose one that they keep for a while, gathered while they are
// written.
#pragma once

#include "points/posting.h"
#include "postgres/column.h"

namespace laurel::points {

class TierChanges {
public:
    explicit TierChanges(int capacity);

    // An account whose row says something else so far.
    void Note(const BookedAccount &booked);

    // Writes a domain event for each change of tier, and notifies members of what they will lose.
    void Tell() const;

private:
    Columns<4> changed_;
    Columns<5> ending_;
};

} // namespace laurel::points
