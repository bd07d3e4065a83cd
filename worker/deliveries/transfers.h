#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "deliveries/channel.h"
#include "deliveries/places.h"
#include "deliveries/turns.h"
#include "loop/loop.h"
#include "mail/mailers.h"
#include "settings/settings.h"

namespace laurel::worker {

// All deliveries on their way: webhooks and push messages in one libcurl multi handle that the loop drives,
// e-mail with the mailers. What its lane has no room for waits here.
class Transfers {
public:
    Transfers(Loop &loop, const Settings &settings);
    ~Transfers();
    Transfers(const Transfers &) = delete;
    Transfers &operator=(const Transfers &) = delete;

    void Start(Delivery delivery);

    // Deliveries held: under way and waiting.
    size_t InFlight() const { return active_.size() + mailers_.Count() + waiting_count_; }

    // Who holds them.
    const Places &Held() const { return places_; }

    // How long their messages are, together.
    size_t HeldBytes() const { return held_bytes_; }

    // How the deliveries that ended since the last call did.
    std::vector<Outcome> TakeFinished();
    bool HasFinished() const { return !finished_.empty(); }

    // The lease tokens of what is held.
    std::vector<std::string> Tokens() const;

    // Lets go of what has not begun; returns their ids.
    std::vector<std::string> DropWaiting();

    // Breaks off everything, without outcomes; returns how many that were.
    size_t AbortAll();

private:
    using TransferPointer = std::unique_ptr<Transfer>;

    struct Queue {
        Lane lane;
        Turns transfers;
    };

    static int OnSocket(CURL *easy, curl_socket_t descriptor, int what, void *self, void *assigned);
    static int OnTimer(CURLM *multi, long milliseconds, void *self);

    const Channel &ChannelOf(const Delivery &delivery) const;
    void Accept(TransferPointer transfer);
    void Begin(TransferPointer transfer, const Lane &lane);
    void Act(curl_socket_t descriptor, int events);
    void Collect();
    void Finish(CURL *easy, CURLcode result);
    void FinishMail(const Transfer &transfer, const Outcome &judged);
    void Refuse(const Transfer &transfer, const std::string &reason);
    void LetGo(const Transfer &transfer);
    void Pump(const std::string &key);
    void PumpAll();
    void AwaitRates();
    CURL *TakeHandle();
    void GiveBack(CURL *easy);

    Loop &loop_;
    const Settings &settings_;
    std::map<std::string, std::unique_ptr<Channel>> channels_;
    Mailers mailers_;
    CURLM *multi_;
    Timer curl_timer_;
    Timer rate_timer_;
    Throttle throttle_;
    std::unordered_map<CURL *, TransferPointer> active_;
    std::unordered_map<CURL *, std::string> lanes_; // of what is active
    std::unordered_map<std::string, Queue> waiting_;
    size_t waiting_count_ = 0;
    Places places_;
    size_t held_bytes_ = 0;
    std::vector<Outcome> finished_;
    std::vector<CURL *> spare_;
};

} // namespace laurel::worker
