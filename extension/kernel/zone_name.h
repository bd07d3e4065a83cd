// Names of time zones, before anybody looks for them.
#pragma once

#include <string_view>

namespace laurel::kernel {

// What is wrong with a text as the name of a zone, and what to do about it; null where it may be one. `meant`
// is the name of a zone that was probably meant; empty where there is none.
struct ZoneFault {
    const char *detail = nullptr;
    std::string_view meant = {};
};

// IANA names are places, such as Europe/Zurich, or Etc/GMT-3 for a fixed offset, in whatever case. Offsets,
// POSIX rules, abbreviations, what a server calls its own zone and its other copies of the database are none.
ZoneFault ZoneNameFault(std::string_view name) noexcept;

} // namespace laurel::kernel
