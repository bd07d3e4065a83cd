#pragma once

#include "deliveries/channel.h"
#include "settings/settings.h"

namespace laurel::worker {

// Webhooks after the Standard Webhooks specification. The message has url, secrets (one, or two while a
// secret is replaced), body (sent and signed as it is), timeout_ms, max_concurrency and rate_per_second.
class Webhook : public Channel {
public:
    explicit Webhook(const Settings &settings) : settings_(settings) {}

    Lane LaneOf(const Transfer &transfer) const override;
    void Prepare(Transfer &transfer) const override;
    void Judge(const Transfer &transfer, CURLcode result, Outcome &outcome) const override;

private:
    const Settings &settings_;
};

} // namespace laurel::worker
