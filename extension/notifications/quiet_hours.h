// When a delivery may go out.
#pragma once

#include "notifications/preferences.h"

namespace laurel::notifications {

// When what is due at that moment may be sent: the end of the quiet hours it lies in, on the wall clock of
// the time zone, else the moment itself.
TimestampTz QuietUntil(TimestampTz at, const Preferences &preferences, std::string_view time_zone);

} // namespace laurel::notifications
