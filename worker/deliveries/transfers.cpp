#include "deliveries/transfers.h"

#include <algorithm>
#include <set>

#include "deliveries/push.h"
#include "mail/email.h"
#include "webhooks/webhook.h"

namespace laurel::worker {

namespace {

constexpr size_t kMostSpare = 64;
constexpr long kMostConnections = 256; // kept open for the next delivery to the same peer
constexpr size_t kManyLanes = 1000;

std::map<std::string, std::unique_ptr<Channel>>
Channels(const Settings &settings) {
    std::map<std::string, std::unique_ptr<Channel>> channels;
    channels["email"] = std::make_unique<Email>(settings);
    channels["webhook"] = std::make_unique<Webhook>(settings);
    channels["push"] = std::make_unique<Push>(settings);
    return channels;
}

Outcome
Ended(const Delivery &delivery, Clock::time_point began) {
    const auto now = Clock::now();
    Outcome outcome;
    outcome.id = delivery.id;
    outcome.lease_token = delivery.lease_token;
    outcome.channel = delivery.channel;
    outcome.duration_ms = Milliseconds(now - began);
    outcome.latency_seconds = delivery.waited_seconds + Seconds(now - delivery.claimed_at);
    return outcome;
}

} // namespace

Transfers::Transfers(Loop &loop, const Settings &settings)
    : loop_(loop), settings_(settings), channels_(Channels(settings)),
      mailers_(loop, *channels_.at("email"),
               [this](const Transfer &transfer, const Outcome &judged) { FinishMail(transfer, judged); }),
      multi_(curl_multi_init()), curl_timer_(loop, [this] { Act(CURL_SOCKET_TIMEOUT, 0); }),
      rate_timer_(loop, [this] { PumpAll(); }), places_(settings.in_flight) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, OnSocket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, OnTimer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMostConnections);
}

Transfers::~Transfers() {
    AbortAll();
    for (CURL *easy : spare_)
        curl_easy_cleanup(easy);
    curl_multi_cleanup(multi_);
}

int
Transfers::OnSocket(CURL *, curl_socket_t descriptor, int what, void *self_pointer, void *) {
    auto *self = static_cast<Transfers *>(self_pointer);
    if (what == CURL_POLL_REMOVE) {
        self->loop_.Unwatch(descriptor);
        return 0;
    }
    const uint32_t events =
        ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0u);
    self->loop_.Watch(descriptor, events, [self, descriptor](uint32_t ready) {
        const int read = (ready & (EPOLLIN | EPOLLHUP)) != 0 ? CURL_CSELECT_IN : 0;
        const int write = (ready & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0;
        const int error = (ready & EPOLLERR) != 0 ? CURL_CSELECT_ERR : 0;
        self->Act(descriptor, read | write | error);
    });
    return 0;
}

int
Transfers::OnTimer(CURLM *, long milliseconds, void *self_pointer) {
    auto *self = static_cast<Transfers *>(self_pointer);
    if (milliseconds < 0)
        self->curl_timer_.Stop();
    else
        self->curl_timer_.In(std::chrono::milliseconds(milliseconds));
    return 0;
}

void
Transfers::Act(curl_socket_t descriptor, int events) {
    int running = 0;
    curl_multi_socket_action(multi_, descriptor, events, &running);
    Collect();
}

// Takes what has ended out of the multi handle, and lets the next ones of those lanes begin.
void
Transfers::Collect() {
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE)
            Finish(message->easy_handle, message->data.result);
    }
}

void
Transfers::Start(Delivery delivery) {
    if (settings_.noop) {
        finished_.push_back(Ended(delivery, delivery.claimed_at));
        finished_.back().kind = Outcome::Kind::Delivered;
        return;
    }
    auto transfer = std::make_unique<Transfer>();
    transfer->delivery = std::move(delivery);
    transfer->began = Clock::now();
    try {
        transfer->weight = transfer->delivery.message.size();
        transfer->message = nlohmann::json::parse(transfer->delivery.message);
        transfer->delivery.message.clear();
        transfer->delivery.message.shrink_to_fit();
    } catch (const nlohmann::json::exception &wrong) {
        Refuse(*transfer, wrong.what());
        return;
    }
    Accept(std::move(transfer));
}

const Channel &
Transfers::ChannelOf(const Delivery &delivery) const {
    return *channels_.at(delivery.channel);
}

// Begins at once if the lane has room and nobody waits before it.
void
Transfers::Accept(TransferPointer transfer) {
    const Lane lane = ChannelOf(transfer->delivery).LaneOf(*transfer);
    places_.Take(transfer->delivery);
    held_bytes_ += transfer->weight;
    if (!waiting_.contains(lane.key) && throttle_.Enter(lane, Clock::now())) {
        Begin(std::move(transfer), lane);
        return;
    }
    Queue &queue = waiting_[lane.key];
    queue.lane = lane;
    queue.transfers.Add(std::move(transfer));
    waiting_count_++;
    AwaitRates();
}

// Sends it on its way; its place in the lane is taken.
void
Transfers::Begin(TransferPointer transfer, const Lane &lane) {
    transfer->began = Clock::now();
    if (transfer->delivery.channel == "email") {
        mailers_.Send(std::move(transfer));
        return;
    }
    transfer->easy = TakeHandle();
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    try {
        ChannelOf(transfer->delivery).Prepare(*transfer);
    } catch (const std::exception &wrong) {
        throttle_.Leave(lane.key);
        LetGo(*transfer);
        Refuse(*transfer, wrong.what());
        transfer.reset();
        GiveBack(easy);
        return;
    }
    lanes_[easy] = lane.key;
    active_[easy] = std::move(transfer);
    curl_multi_add_handle(multi_, easy);
}

void
Transfers::Refuse(const Transfer &transfer, const std::string &reason) {
    Outcome outcome = Ended(transfer.delivery, transfer.began);
    outcome.kind = Outcome::Kind::Dead;
    outcome.error = Printable(reason);
    finished_.push_back(std::move(outcome));
}

// It is not held any more.
void
Transfers::LetGo(const Transfer &transfer) {
    places_.GiveBack(transfer.delivery);
    held_bytes_ -= transfer.weight;
}

void
Transfers::Finish(CURL *easy, CURLcode result) {
    auto node = active_.extract(easy);
    const TransferPointer transfer = std::move(node.mapped());
    LetGo(*transfer);
    Outcome outcome = Ended(transfer->delivery, transfer->began);
    ChannelOf(transfer->delivery).Judge(*transfer, result, outcome);
    finished_.push_back(std::move(outcome));
    curl_multi_remove_handle(multi_, easy);
    GiveBack(easy);
    const std::string key = lanes_.extract(easy).mapped();
    throttle_.Leave(key);
    Pump(key);
}

void
Transfers::FinishMail(const Transfer &transfer, const Outcome &judged) {
    LetGo(transfer);
    Outcome outcome = Ended(transfer.delivery, transfer.began);
    outcome.kind = judged.kind;
    outcome.status = judged.status;
    outcome.error = judged.error;
    outcome.recipient = judged.recipient;
    finished_.push_back(std::move(outcome));
    const std::string key = ChannelOf(transfer.delivery).LaneOf(transfer).key;
    throttle_.Leave(key);
    Pump(key);
}

// Begins what waits for a lane, as far as there is room.
void
Transfers::Pump(const std::string &key) {
    const auto place = waiting_.find(key);
    if (place == waiting_.end())
        return;
    Queue &queue = place->second;
    while (!queue.transfers.IsEmpty() && throttle_.Enter(queue.lane, Clock::now())) {
        TransferPointer transfer = queue.transfers.Take();
        waiting_count_--;
        Begin(std::move(transfer), queue.lane);
    }
    if (queue.transfers.IsEmpty())
        waiting_.erase(place);
    AwaitRates();
}

void
Transfers::PumpAll() {
    std::vector<std::string> keys;
    for (const auto &[key, queue] : waiting_)
        keys.push_back(key);
    for (const auto &key : keys)
        Pump(key);
}

// Sets the timer for the first lane whose rate lets somebody in; places are given back without a timer.
void
Transfers::AwaitRates() {
    const auto now = Clock::now();
    auto next = Clock::time_point::max();
    for (const auto &[key, queue] : waiting_) {
        const auto opens = throttle_.OpensAt(queue.lane, now);
        if (opens > now)
            next = std::min(next, opens);
    }
    if (next == Clock::time_point::max())
        rate_timer_.Stop();
    else
        rate_timer_.At(next);
}

CURL *
Transfers::TakeHandle() {
    if (spare_.empty())
        return curl_easy_init();
    CURL *easy = spare_.back();
    spare_.pop_back();
    return easy;
}

void
Transfers::GiveBack(CURL *easy) {
    if (spare_.size() >= kMostSpare) {
        curl_easy_cleanup(easy);
        return;
    }
    curl_easy_reset(easy);
    spare_.push_back(easy);
}

std::vector<Outcome>
Transfers::TakeFinished() {
    if (throttle_.Size() > kManyLanes)
        throttle_.Forget(Clock::now());
    return std::exchange(finished_, {});
}

std::vector<std::string>
Transfers::Tokens() const {
    const auto mailed = mailers_.Tokens();
    std::set<std::string> tokens(mailed.begin(), mailed.end());
    for (const auto &[easy, transfer] : active_)
        tokens.insert(transfer->delivery.lease_token);
    for (const auto &[key, queue] : waiting_)
        queue.transfers.ForEach(
            [&](const Transfer &transfer) { tokens.insert(transfer.delivery.lease_token); });
    return {tokens.begin(), tokens.end()};
}

std::vector<std::string>
Transfers::DropWaiting() {
    std::vector<std::string> ids;
    for (const auto &[key, queue] : waiting_)
        queue.transfers.ForEach([&](const Transfer &transfer) {
            ids.push_back(transfer.delivery.id);
            LetGo(transfer);
        });
    waiting_.clear();
    waiting_count_ = 0;
    rate_timer_.Stop();
    return ids;
}

size_t
Transfers::AbortAll() {
    const size_t count = InFlight();
    DropWaiting();
    for (size_t left = mailers_.Count(); left > 0; left--)
        throttle_.Leave("email");
    mailers_.AbortAll();
    for (const auto &[easy, transfer] : active_) {
        curl_multi_remove_handle(multi_, easy);
        throttle_.Leave(lanes_[easy]);
        curl_easy_cleanup(easy);
    }
    active_.clear();
    lanes_.clear();
    places_.Clear();
    held_bytes_ = 0;
    return count;
}

} // namespace laurel::worker
