#pragma once

#include "deliveries/channel.h"

namespace laurel::worker {

// Sets up a POST of transfer.payload with transfer.headers that keeps to itself: no redirects, no proxy, no
// protocols but those listed; the answer's body is read up to 20 kB.
void PreparePost(Transfer &transfer, const std::string &url, const std::string &protocols, long timeout_ms,
                 const std::string &ca_file);

// Fills the outcome from the HTTP status: 2xx is delivered, whatever became of the body, all else is tried
// again. Where there was none, from what libcurl says; then only what no repetition can mend is dead.
void JudgePost(const Transfer &transfer, CURLcode result, Outcome &outcome);

} // namespace laurel::worker
