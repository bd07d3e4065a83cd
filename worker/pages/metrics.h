#pragma once

#include <array>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "deliveries/channel.h"

namespace laurel::worker {

// What tells the series of a metric apart, such as {{"channel", "email"}}.
using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// What this worker has done since it started, and how it is, in Prometheus' text form.
class Metrics {
public:
    // Lets the counters of a channel, or a job, begin at 0: a first event is a rise then.
    void BeginChannel(const std::string &channel);
    void BeginJob(const std::string &name);

    void CountClaimed(const std::string &channel, size_t count);
    void CountOutcome(const Outcome &outcome);
    void CountLeasesLost(size_t count) { leases_lost_ += static_cast<double>(count); }
    void CountReconnect() { reconnects_++; }
    void CountJob(const std::string &name, bool is_well);

    // Sets a value that goes up and down, of one series of that name.
    void Set(const std::string &name, Labels labels, double value);
    void Forget(const std::string &name) { gauges_.erase(name); }

    double Delivered() const { return delivered_; }
    double Reconnects() const { return reconnects_; }

    std::string Text() const;

private:
    static constexpr std::array<double, 14> kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                    0.25,  0.5,    1,     2.5,  5,     15,   60};

    struct Histogram {
        std::array<double, kBounds.size()> counts{};
        double count = 0;
        double sum = 0;

        void Add(double seconds);
    };

    using Series = std::map<std::string, double>;

    static std::string HistogramText(const std::string &name, const std::map<std::string, Histogram> &series);

    Series claimed_;
    Series outcomes_;
    Series jobs_;
    std::map<std::string, Histogram> durations_;
    std::map<std::string, Histogram> latencies_;
    std::map<std::string, Series> gauges_;
    double delivered_ = 0;
    double retries_ = 0;
    double dead_ = 0;
    double leases_lost_ = 0;
    double reconnects_ = 0;
};

} // namespace laurel::worker
