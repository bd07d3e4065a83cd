// Which names are time zones, and which one was meant.
#pragma once

#include "pg.h"

namespace laurel {

// An IANA name as the database of time zones has it; or what is wrong, as a sentence, and a hint that says
// which name was probably meant.
struct ZoneName {
    std::string_view name;
    const char *fault = nullptr;
    const char *hint = nullptr;
};

// In whatever case it is given. Looks at one file, or at none where the session has met the zone; only where
// there is none it reads the names of all.
ZoneName ToZoneName(std::string_view name);

} // namespace laurel
