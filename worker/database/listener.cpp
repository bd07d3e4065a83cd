#include "database/listener.h"

#include <spdlog/spdlog.h>

namespace laurel::worker {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration kFirstRetry = 200ms;
constexpr Clock::duration kLongestRetry = 30s;
constexpr Clock::duration kBetweenProbes = 30s;
constexpr Clock::duration kSilence = 5s;
constexpr Clock::duration kAfterSilence = 5min;

} // namespace

Listener::Listener(Loop &loop, std::string conninfo, const std::string &name, Events events)
    : connection_(loop, std::move(conninfo),
                  {.ready = [this] { OnReady(); },
                   .done = [this](const std::string &error) { OnDone(error); },
                   .notification = [this](const std::string &channel) { OnNotification(channel); },
                   .lost = [this](const std::string &reason) { OnLost(reason); }}),
      events_(std::move(events)), probe_channel_("laurel_probe_" + name),
      backoff_(kFirstRetry, kLongestRetry), retry_(loop, [this] { connection_.Open(); }),
      probe_(loop, [this] { Probe(); }), despair_(loop, [this] { Despair(); }) {}

void
Listener::Start() {
    if (!is_trusted_ && !despair_.IsSet())
        retry_.In(Clock::duration::zero());
}

void
Listener::Stop() {
    connection_.Close();
    for (Timer *timer : {&retry_, &probe_, &despair_})
        timer->Stop();
    Trust(false);
}

// The probe has a channel of its own: other workers are not to be woken by it.
void
Listener::OnReady() {
    connection_.Send("LISTEN laurel_deliveries; LISTEN \"" + probe_channel_ + "\"");
}

void
Listener::OnDone(const std::string &error) {
    if (error.empty())
        Probe();
    else
        OnLost(error);
}

void
Listener::Probe() {
    if (events_.send_probe(probe_channel_))
        despair_.In(kSilence);
    else
        probe_.In(kSilence);
}

void
Listener::OnNotification(const std::string &channel) {
    if (channel != probe_channel_) {
        events_.wake();
        return;
    }
    despair_.Stop();
    probe_.In(kBetweenProbes);
    backoff_.Reset();
    is_silent_ = false;
    Trust(true);
}

// The probe did not come back.
void
Listener::Despair() {
    const bool was_trusted = is_trusted_;
    Stop();
    if (was_trusted)
        spdlog::warn("LISTEN hears nothing any more; polling until it does");
    else if (!is_silent_)
        spdlog::warn(
            "LISTEN hears nothing, as behind a transaction pooler; polling instead: LAUREL_LISTEN_URL may "
            "name a direct connection");
    is_silent_ = !was_trusted;
    retry_.In(was_trusted ? backoff_.Next() : kAfterSilence);
}

void
Listener::OnLost(const std::string &reason) {
    if (is_trusted_)
        spdlog::info("LISTEN was lost: {}; polling until it is back", reason);
    Stop();
    retry_.In(backoff_.Next());
}

void
Listener::Trust(bool is_trusted) {
    if (std::exchange(is_trusted_, is_trusted) != is_trusted)
        events_.trust(is_trusted);
}

} // namespace laurel::worker
