#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "deliveries/channel.h"

namespace laurel::worker {

// Transfers that wait for the same peer: each organization's own queue, of which one after the other is
// served, so that many of one keep nobody else waiting for more than one of them.
class Turns {
public:
    using TransferPointer = std::unique_ptr<Transfer>;

    void Add(TransferPointer transfer);

    // The next one; there must be one.
    TransferPointer Take();

    bool IsEmpty() const { return order_.empty(); }

    // Calls `look` for each.
    template <typename Look> void ForEach(Look look) const {
        for (const auto &[organization, queue] : queues_) {
            for (const auto &transfer : queue)
                look(*transfer);
        }
    }

private:
    std::map<std::string, std::deque<TransferPointer>> queues_;
    std::deque<std::string> order_; // whose turn it is
};

} // namespace laurel::worker
