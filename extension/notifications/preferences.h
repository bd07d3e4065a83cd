// What users and organizations have said about where notifications go, and when.
#pragma once

#include "kernel/wall_clock.h"
#include "postgres/datum.h"

namespace laurel::notifications {

// The user's word before the organization's; either may be missing.
struct Preferences {
    const Jsonb *user = nullptr;
    const Jsonb *organization = nullptr;
};

// Whether a notification of that type goes to the channel.
bool Wants(const Preferences &preferences, std::string_view channel, std::string_view type);

// Whether an organization, by its settings, sends e-mail to verified addresses alone.
bool WantsVerified(const Jsonb *organization);

// The quiet hours that hold for the user, if any.
std::optional<kernel::QuietHours> QuietHoursOf(const Preferences &preferences);

// The digest that notifications of that type join on the channel, if any.
std::optional<kernel::DigestWindow> DigestOf(const Preferences &preferences, std::string_view channel,
                                             std::string_view type);

} // namespace laurel::notifications
