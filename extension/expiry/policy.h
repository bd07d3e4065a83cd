// When points of an organization expire.
#pragma once

#include "kernel/expiry.h"
#include "postgres/spi.h"

namespace laurel::expiry {

// The rule of laurel.point_expiry_policies of that name, or error 22023.
kernel::Expiry ExpiryOf(std::string_view rule, int32 length);

// What has expired today in an organization, and what will have by the end of the month of which members are
// told now. Times are -infinity where no policy applies: nothing is older.
struct Limits {
    int32 today;
    const char *zone;
    TimestampTz kept_from;   // what was earned before has expired
    TimestampTz active_from; // whoever was not active since has nothing any more
    TimestampTz kept_then;
    TimestampTz active_then;
    Nullable kept_policy; // ids of the two policies
    Nullable active_policy;
    Nullable then; // the day on which that month is over

    // Since when credits count, for what has expired or will.
    TimestampTz credits_from() const;
};

// Run with SPI open; the policies are held until the transaction ends. False where there is no such
// organization.
bool ReadLimits(const Uuid &organization, Limits *limits);

} // namespace laurel::expiry
