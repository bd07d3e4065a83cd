#include "deliveries/throttle.h"

#include <algorithm>

namespace laurel::worker {

namespace {

// A second's worth of beginnings may come at once, but always one.
double
Burst(double rate) {
    return std::max(1.0, rate);
}

} // namespace

double
Throttle::TokensAt(const Use &use, Clock::time_point now) {
    return std::min(Burst(use.rate), use.tokens + use.rate * Seconds(now - use.counted));
}

bool
Throttle::Enter(const Lane &lane, Clock::time_point now) {
    auto [place, is_new] = lanes_.try_emplace(lane.key);
    Use &use = place->second;
    if (is_new || use.rate != lane.rate)
        use = {use.active, lane.rate, Burst(lane.rate), now};
    if (lane.concurrency > 0 && use.active >= lane.concurrency)
        return false;
    if (lane.rate > 0) {
        use.tokens = TokensAt(use, now);
        use.counted = now;
        if (use.tokens < 1)
            return false;
        use.tokens -= 1;
    }
    use.active++;
    return true;
}

void
Throttle::Leave(const std::string &key) {
    const auto place = lanes_.find(key);
    if (place != lanes_.end() && place->second.active > 0)
        place->second.active--;
}

Clock::time_point
Throttle::OpensAt(const Lane &lane, Clock::time_point now) const {
    const auto place = lanes_.find(lane.key);
    if (place == lanes_.end() || place->second.rate <= 0)
        return now;
    const double missing = 1 - TokensAt(place->second, now);
    if (missing <= 0)
        return now;
    const std::chrono::duration<double> wait(missing / place->second.rate);
    return now + std::chrono::ceil<std::chrono::milliseconds>(wait);
}

void
Throttle::Forget(Clock::time_point now) {
    std::erase_if(lanes_, [now](const auto &entry) {
        const Use &use = entry.second;
        return use.active == 0 && (use.rate <= 0 || TokensAt(use, now) >= Burst(use.rate));
    });
}

} // namespace laurel::worker
