#pragma once

#include "deliveries/channel.h"
#include "settings/settings.h"

namespace laurel::worker {

// Push messages: posted as JSON to LAUREL_PUSH_URL, a gateway that knows the members' devices. The message
// has user_id, title, body, link and data; the delivery's id goes with it as a member and as Idempotency-Key.
class Push : public Channel {
public:
    explicit Push(const Settings &settings) : settings_(settings) {}

    Lane LaneOf(const Transfer &transfer) const override;
    void Prepare(Transfer &transfer) const override;
    void Judge(const Transfer &transfer, CURLcode result, Outcome &outcome) const override;

private:
    const Settings &settings_;
};

} // namespace laurel::worker
