#include "deliveries/dispatcher.h"

#include <algorithm>
#include <set>

#include <spdlog/spdlog.h>

namespace laurel::worker {

namespace {

using namespace std::chrono_literals;

constexpr size_t kManyOutcomes = 200;
constexpr size_t kManyBytes = 48 * 1024 * 1024; // of messages; a claim adds 8 MB at most
constexpr Clock::duration kLongestUntold = 20ms;
constexpr Clock::duration kPatience = 100ms;
constexpr Clock::duration kAfterRefusal = 1s;
constexpr Clock::duration kLongestHold = 1min;

} // namespace

Dispatcher::Dispatcher(Loop &loop, const Settings &settings, Session &session, Outbox &outbox,
                       Metrics &metrics)
    : loop_(loop), settings_(settings), session_(session), outbox_(outbox), metrics_(metrics),
      transfers_(loop, settings), poll_(loop, [this] { Wake(); }),
      tell_(loop, [this] { is_telling_due_ = true; }), beat_(loop, [this] { Beat(); }),
      guard_(loop, [this] { Guard(); }), hold_(loop, [] {}), claim_hold_(loop, [] {}), patience_(loop, [] {}),
      claim_backoff_(kAfterRefusal, kLongestHold) {
    for (const auto &channel : settings.EnabledChannels())
        wanted_[channel] = true;
}

void
Dispatcher::OnOpened() {
    const int64_t held = outbox_.Beat(false);
    if (is_in_doubt_) {
        std::set<std::string> known;
        for (const auto &token : transfers_.Tokens())
            known.insert(token);
        for (const auto &outcome : outcomes_)
            known.insert(outcome.lease_token);
        const auto released = outbox_.ReleaseUnknown({known.begin(), known.end()});
        spdlog::info("gave back {} deliveries of a claim whose answer was lost", released);
        is_in_doubt_ = false;
    }
    is_idle_ = false;
    claim_hold_.Stop();
    OnBeat(held);
    Wake();
}

void
Dispatcher::Wake() {
    for (auto &[channel, is_wanted] : wanted_)
        is_wanted = true;
    poll_.In(Jitter(settings_.poll));
}

void
Dispatcher::SetListening(bool is_listening) {
    is_listening_ = is_listening;
    if (!is_listening && is_idle_)
        BecomeIdle(false);
    Wake();
}

bool
Dispatcher::IsWanted() const {
    return std::ranges::any_of(wanted_, [](const auto &entry) { return entry.second; });
}

void
Dispatcher::CollectFinished() {
    if (!transfers_.HasFinished())
        return;
    for (auto &outcome : transfers_.TakeFinished()) {
        metrics_.CountOutcome(outcome);
        if (outcome.kind != Outcome::Kind::Delivered)
            spdlog::debug("{} {} {}: {}", outcome.channel, outcome.id, Word(outcome.kind), outcome.error);
        outcomes_.push_back(std::move(outcome));
    }
    if (!tell_.IsSet())
        tell_.In(kLongestUntold);
}

// Outcomes are told together, but soon; at once when there is nothing more to wait for.
bool
Dispatcher::IsTimeToTell() const {
    return !outcomes_.empty() && (is_telling_due_ || is_careful_ || outcomes_.size() >= kManyOutcomes ||
                                  transfers_.InFlight() == 0);
}

bool
Dispatcher::AwaitsDue() {
    bool is_due = false;
    session_.Do("count of what is due", [&] { is_due = outbox_.IsAnyDue(settings_.EnabledChannels()); });
    has_claimed_ = has_claimed_ && !is_due;
    if (is_due)
        poll_.In(std::min<Clock::duration>(settings_.poll, kPatience));
    return is_due;
}

// The channels to claim for, and how many rows there is room for in each of them. A channel whose peers are
// slow fills its own room only, and an organization its share of that. Little room is worth a claim only now
// and then.
Wanted
Dispatcher::WhatHasRoom() const {
    Wanted wanted;
    if (is_stopping_ || claim_hold_.IsSet() || transfers_.HeldBytes() > kManyBytes)
        return wanted;
    for (const auto &[channel, is_wanted] : wanted_) {
        const int room = transfers_.Held().Free(channel);
        const bool is_little = room < std::min(settings_.batch, settings_.in_flight) / 4;
        if (!is_wanted || room <= 0 || (is_little && patience_.IsSet()))
            continue;
        wanted.channels.push_back(channel);
        wanted.rows = std::min(wanted.rows == 0 ? settings_.batch : wanted.rows, room);
    }
    return wanted;
}

// Who may have how much of that.
std::vector<Portion>
Dispatcher::PortionsOf(const std::vector<std::string> &channels) const {
    std::vector<Portion> portions;
    for (const auto &channel : channels) {
        const auto some = transfers_.Held().Portions(channel);
        portions.insert(portions.end(), some.begin(), some.end());
    }
    return portions;
}

void
Dispatcher::Turn() {
    CollectFinished();
    if (session_.IsReady() && !hold_.IsSet())
        ExchangeWhatIsDue();
    const bool may_go_on = session_.IsReady() && !hold_.IsSet();
    if (transfers_.HasFinished() || (may_go_on && (IsTimeToTell() || WhatHasRoom().rows > 0)))
        loop_.Hurry();
}

void
Dispatcher::ExchangeWhatIsDue() {
    const bool is_time_to_tell = IsTimeToTell();
    if (is_time_to_tell) {
        // What ends makes room in its endpoint's share, too.
        for (const auto &outcome : outcomes_)
            wanted_[outcome.channel] = true;
    }
    Wanted wanted = WhatHasRoom();
    wanted.portions = PortionsOf(wanted.channels);
    if (is_time_to_tell || wanted.rows > 0)
        Exchange(wanted);
}

void
Dispatcher::Exchange(const Wanted &wanted) {
    const size_t count = is_careful_ ? 1 : outcomes_.size();
    const auto told =
        std::vector<Outcome>(outcomes_.begin(), outcomes_.begin() + static_cast<ptrdiff_t>(count));
    int64_t taken = 0;
    std::vector<Delivery> deliveries;
    const auto result =
        session_.Do("exchange of deliveries", [&] { deliveries = outbox_.Exchange(told, wanted, &taken); });
    if (result == Session::Result::InDoubt) {
        is_in_doubt_ = is_in_doubt_ || wanted.rows > 0;
        was_in_doubt_ = true;
    }
    if (result == Session::Result::Failed)
        OnRefused(count, wanted.rows > 0);
    if (result != Session::Result::Done)
        return;
    if (static_cast<size_t>(taken) < count && !was_in_doubt_) {
        spdlog::warn("{} outcomes came after their lease had ended", count - static_cast<size_t>(taken));
        metrics_.CountLeasesLost(count - static_cast<size_t>(taken));
    }
    outcomes_.erase(outcomes_.begin(), outcomes_.begin() + static_cast<ptrdiff_t>(count));
    is_careful_ = is_careful_ && !outcomes_.empty();
    was_in_doubt_ = was_in_doubt_ && !outcomes_.empty();
    is_telling_due_ = false;
    tell_.Stop();
    if (wanted.rows > 0)
        Take(std::move(deliveries), wanted);
}

// The server refused the statement. If a claim was in it, that waits, longer each time, and outcomes are told
// without it. If outcomes were in it alone, one of them may be the reason: they are told one by one then, and
// the one that is refused alone for what it says is given up; its lease ends and it is sent again.
void
Dispatcher::OnRefused(size_t told, bool has_claimed) {
    if (has_claimed) {
        const auto pause = claim_backoff_.Next();
        claim_hold_.In(pause);
        spdlog::warn("nothing is claimed for {:.1f} s; what is under way goes on", Seconds(pause));
        is_telling_due_ = told > 0;
        return;
    }
    const bool is_about_data =
        session_.FailedState().starts_with("22") || session_.FailedState().starts_with("23");
    if (told == 1 && is_about_data) {
        spdlog::error("the outcome of delivery {} was refused and is dropped", outcomes_.front().id);
        outcomes_.erase(outcomes_.begin());
    }
    is_careful_ = !outcomes_.empty() && told > 0 && is_about_data;
    is_telling_due_ = true;
    if (!is_careful_)
        hold_.In(kAfterRefusal);
}

void
Dispatcher::Take(std::vector<Delivery> deliveries, const Wanted &wanted) {
    has_claimed_ = true;
    patience_.In(kPatience);
    claim_backoff_.Reset();
    const bool is_full = static_cast<int>(deliveries.size()) >= wanted.rows;
    for (const auto &channel : wanted.channels)
        wanted_[channel] = is_full;
    poll_.In(Jitter(settings_.poll));
    for (auto &delivery : deliveries) {
        metrics_.CountClaimed(delivery.channel, 1);
        transfers_.Start(std::move(delivery));
    }
    if (is_full && is_idle_)
        BecomeIdle(false);
    else if (deliveries.empty() && !is_idle_ && is_listening_ && outcomes_.empty() &&
             !transfers_.HasFinished())
        BecomeIdle(true);
}

// Inserts send a NOTIFY only while somebody is idle, which is who has looked in vain, whatever is still under
// way. What was inserted just before that was said is found by one more claim.
void
Dispatcher::BecomeIdle(bool is_idle) {
    is_idle_ = is_idle;
    if (!session_.IsReady())
        return;
    if (session_.Do("saying that the worker is idle", [&] { outbox_.SetIdle(is_idle); }) ==
            Session::Result::Done &&
        is_idle)
        Wake();
}

void
Dispatcher::Beat() {
    beat_.In(settings_.lease / 3);
    if (!session_.IsReady())
        return;
    int64_t held = 0;
    if (session_.Do("heartbeat", [&] { held = outbox_.Beat(is_idle_); }) == Session::Result::Done)
        OnBeat(held);
}

// The leases are good for another while, unless they have gone to somebody else.
void
Dispatcher::OnBeat(int64_t held) {
    beat_.In(settings_.lease / 3);
    guard_.In(settings_.lease - settings_.lease / 6);
    if (held == 0 && transfers_.InFlight() > 0) {
        const size_t aborted = transfers_.AbortAll();
        metrics_.CountLeasesLost(aborted);
        spdlog::warn("the leases had ended: broke off {} deliveries, which others have now", aborted);
    }
}

// No heartbeat got through for so long that the leases are about to end: somebody else will send what is
// still under way, so this worker must not.
void
Dispatcher::Guard() {
    guard_.In(settings_.lease / 6);
    const size_t aborted = transfers_.AbortAll();
    if (aborted == 0)
        return;
    metrics_.CountLeasesLost(aborted);
    spdlog::warn("no heartbeat got through: broke off {} deliveries before their lease ends", aborted);
}

void
Dispatcher::Stop() {
    is_stopping_ = true;
    const auto ids = transfers_.DropWaiting();
    if (!ids.empty() && session_.IsReady())
        session_.Do("giving back deliveries", [&] { outbox_.Release(ids); });
}

void
Dispatcher::Finish() {
    is_stopping_ = true;
    CollectFinished();
    const size_t aborted = transfers_.AbortAll();
    if (aborted > 0)
        spdlog::warn("broke off {} deliveries that did not end in time", aborted);
    for (size_t left = outcomes_.size(); left > 0 && session_.IsReady() && !outcomes_.empty(); left--)
        Exchange({}); // more than once only where an outcome is refused
    int64_t released = 0;
    if (session_.IsReady())
        session_.Do("taking leave", [&] { released = outbox_.Unregister(); });
    if (released > 0)
        spdlog::info("gave back {} deliveries", released);
}

} // namespace laurel::worker
