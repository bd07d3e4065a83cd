#include "deliveries/turns.h"

namespace laurel::worker {

void
Turns::Add(TransferPointer transfer) {
    const std::string organization = transfer->delivery.organization_id;
    auto &queue = queues_[organization];
    if (queue.empty())
        order_.push_back(organization);
    queue.push_back(std::move(transfer));
}

Turns::TransferPointer
Turns::Take() {
    const std::string organization = std::move(order_.front());
    order_.pop_front();
    const auto place = queues_.find(organization);
    TransferPointer transfer = std::move(place->second.front());
    place->second.pop_front();
    if (place->second.empty())
        queues_.erase(place);
    else
        order_.push_back(organization);
    return transfer;
}

} // namespace laurel::worker
