#include "database/session.h"

#include <spdlog/spdlog.h>

#include "database/readiness.h"
#include "settings/words.h"

namespace laurel::worker {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration kFirstPause = 100ms;
constexpr Clock::duration kLongestPause = 5s;
constexpr Clock::duration kBetweenReports = 1min;

} // namespace

Session::Session(Loop &loop, Database &database, Metrics &metrics)
    : database_(database), metrics_(metrics), retry_(loop, [this] { Open(); }),
      backoff_(kFirstPause, kLongestPause) {}

void
Session::Start(Events events) {
    events_ = std::move(events);
    retry_.In(Clock::duration::zero());
}

void
Session::Open() {
    try {
        database_.Connect();
        const std::string missing = WhatIsMissing(database_);
        if (!missing.empty() && !was_ready_) {
            events_.unfit(missing);
            return;
        }
        if (!missing.empty())
            throw Disconnected(missing);
        events_.opened();
    } catch (const DatabaseError &error) {
        Lose(error.what());
        return;
    }
    if (was_ready_)
        metrics_.CountReconnect();
    spdlog::info(was_ready_ ? "connected again" : "connected");
    is_ready_ = was_ready_ = true;
    trouble_.clear();
    backoff_.Reset();
}

void
Session::Lose(const std::string &why) {
    database_.Close();
    const auto pause = backoff_.Next();
    if (Redacted(why) != trouble_)
        spdlog::warn("no database: {}; trying again in {:.1f} s and on", why, Seconds(pause));
    trouble_ = Redacted(why);
    is_ready_ = false;
    retry_.In(pause);
    events_.lost();
}

// What goes wrong again and again is said once a minute.
void
Session::Report(const char *what, const DatabaseError &error) {
    const auto now = Clock::now();
    if (reported_ == error.what() && now - reported_at_ < kBetweenReports)
        return;
    reported_ = error.what();
    reported_at_ = now;
    spdlog::error("{} failed: {} (SQLSTATE {})", what, error.what(), error.sqlstate);
}

Session::Result
Session::Do(const char *what, const std::function<void()> &step) {
    try {
        step();
        return Result::Done;
    } catch (const InDoubt &error) {
        Lose(error.what());
        return Result::InDoubt;
    } catch (const Disconnected &error) {
        Lose(error.what());
        return Result::Lost;
    } catch (const DatabaseError &error) {
        failed_state_ = error.sqlstate;
        Report(what, error);
        return Result::Failed;
    }
}

} // namespace laurel::worker
