// The channels by which notifications leave the database; in the application itself they are rows.
#pragma once

#include <string_view>

namespace laurel::notifications {

constexpr int kEmail = 0;
constexpr int kPush = 1;
constexpr int kWebhook = 2;
constexpr int kChannels = 3;
constexpr const char *kChannelNames[kChannels] = {"email", "push", "webhook"};

// The channel of that name; kChannels where there is none.
inline int
ChannelNamed(std::string_view name) {
    int channel = 0;
    while (channel < kChannels && name != kChannelNames[channel])
        channel++;
    return channel;
}

} // namespace laurel::notifications
