#include "pages/metrics.h"

#include <charconv>

namespace laurel::worker {

namespace {

struct Description {
    const char *type;
    const char *help;
};

// What the names mean; in the order of the notes on operation.
const std::map<std::string, Description> kDescriptions{
    {"laurel_worker_info", {"gauge", "The worker that answers."}},
    {"laurel_channel_enabled", {"gauge", "Whether this worker sends by that channel."}},
    {"laurel_in_flight", {"gauge", "Deliveries this worker holds."}},
    {"laurel_database_connected", {"gauge", "Whether the worker has its connection."}},
    {"laurel_listen_connected", {"gauge", "Whether inserts wake the worker; 0 means that it polls."}},
    {"laurel_outbox_ready", {"gauge", "Deliveries that are due, counted up to 100000."}},
    {"laurel_outbox_waiting", {"gauge", "Deliveries that wait for their time, counted up to 100000."}},
    {"laurel_outbox_leased", {"gauge", "Deliveries that workers hold, counted up to 100000."}},
    {"laurel_outbox_dead", {"gauge", "Dead letters, counted up to 100000."}},
    {"laurel_suppressed_addresses",
     {"gauge", "Addresses that get no mail because it bounced, counted up to 100000."}},
    {"laurel_outbox_oldest_due_seconds",
     {"gauge", "How long the oldest due delivery has been due, 0 for a channel that is switched off here."}},
    {"laurel_job_failing", {"gauge", "Whether the job's last run failed."}},
    {"laurel_purge_rows_total", {"counter", "Rows that retention removed, over the runs that are kept."}},
    {"laurel_purge_last_success_timestamp_seconds", {"gauge", "When retention last ended well."}},
    {"laurel_oldest_xmin_age_seconds",
     {"gauge", "Age of the oldest transaction; an old one keeps dead rows alive."}},
    {"laurel_dead_tuples", {"gauge", "Dead rows in the outbox table."}},
    {"laurel_notification_queue_usage", {"gauge", "How full the server's notification queue is, 0 to 1."}},
};

std::string
NumberText(double value) {
    char text[32];
    const auto [end, error] = std::to_chars(text, text + sizeof text, value);
    return {text, end};
}

void
Line(std::string &text, const std::string &name, const std::string &labels, double value) {
    text += name;
    if (!labels.empty())
        text += "{" + labels + "}";
    text += " " + NumberText(value) + "\n";
}

void
Heading(std::string &text, const std::string &name, const char *type, const char *help) {
    text += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

template <typename Series>
void
Lines(std::string &text, const std::string &name, const char *type, const char *help, const Series &series) {
    Heading(text, name, type, help);
    for (const auto &[labels, value] : series)
        Line(text, name, labels, value);
}

// A label's value may be any text, these two and line ends escaped.
std::string
Escaped(std::string_view value) {
    std::string text;
    for (const char letter : value) {
        if (letter == '"' || letter == '\\')
            text += '\\';
        text += letter == '\n' ? ' ' : letter;
    }
    return text;
}

// What stands between the braces.
std::string
LabelText(Labels labels) {
    std::string text;
    for (const auto &[name, value] : labels) {
        if (!text.empty())
            text += ',';
        text.append(name).append("=\"").append(Escaped(value)).append("\"");
    }
    return text;
}

std::string
JobLabels(const std::string &name, bool is_well) {
    return LabelText({{"job", name}, {"outcome", is_well ? "succeeded" : "failed"}});
}

} // namespace

void
Metrics::Histogram::Add(double seconds) {
    for (size_t i = 0; i < kBounds.size(); i++) {
        if (seconds <= kBounds[i])
            counts[i]++;
    }
    count++;
    sum += seconds;
}

void
Metrics::BeginChannel(const std::string &channel) {
    const std::string label = LabelText({{"channel", channel}});
    claimed_.try_emplace(label, 0);
    durations_.try_emplace(label);
    latencies_.try_emplace(label);
    for (const Outcome::Kind kind : {Outcome::Kind::Delivered, Outcome::Kind::Retry, Outcome::Kind::Dead})
        outcomes_.try_emplace(LabelText({{"channel", channel}, {"outcome", Word(kind)}}), 0);
}

void
Metrics::BeginJob(const std::string &name) {
    for (const bool is_well : {true, false})
        jobs_.try_emplace(JobLabels(name, is_well), 0);
}

void
Metrics::CountClaimed(const std::string &channel, size_t count) {
    claimed_[LabelText({{"channel", channel}})] += static_cast<double>(count);
}

void
Metrics::CountOutcome(const Outcome &outcome) {
    const std::string channel = LabelText({{"channel", outcome.channel}});
    outcomes_[LabelText({{"channel", outcome.channel}, {"outcome", Word(outcome.kind)}})]++;
    durations_[channel].Add(outcome.duration_ms / 1000);
    delivered_ += outcome.kind == Outcome::Kind::Delivered ? 1 : 0;
    retries_ += outcome.kind == Outcome::Kind::Retry ? 1 : 0;
    dead_ += outcome.kind == Outcome::Kind::Dead ? 1 : 0;
    if (outcome.kind == Outcome::Kind::Delivered)
        latencies_[channel].Add(outcome.latency_seconds);
}

void
Metrics::CountJob(const std::string &name, bool is_well) {
    jobs_[JobLabels(name, is_well)]++;
}

void
Metrics::Set(const std::string &name, Labels labels, double value) {
    gauges_[name][LabelText(labels)] = value;
}

std::string
Metrics::HistogramText(const std::string &name, const std::map<std::string, Histogram> &series) {
    std::string text;
    for (const auto &[labels, histogram] : series) {
        for (size_t i = 0; i < kBounds.size(); i++)
            Line(text, name + "_bucket", labels + "," + LabelText({{"le", NumberText(kBounds[i])}}),
                 histogram.counts[i]);
        Line(text, name + "_bucket", labels + "," + LabelText({{"le", "+Inf"}}), histogram.count);
        Line(text, name + "_sum", labels, histogram.sum);
        Line(text, name + "_count", labels, histogram.count);
    }
    return text;
}

std::string
Metrics::Text() const {
    std::string text;
    Lines(text, "laurel_claimed_total", "counter", "Deliveries this worker has claimed.", claimed_);
    Lines(text, "laurel_delivered_total", "counter", "Attempts this worker has ended, by outcome.",
          outcomes_);
    Heading(text, "laurel_delivery_duration_seconds", "histogram", "How long attempts took.");
    text += HistogramText("laurel_delivery_duration_seconds", durations_);
    Heading(text, "laurel_enqueue_to_delivery_seconds", "histogram", "From due to delivered.");
    text += HistogramText("laurel_enqueue_to_delivery_seconds", latencies_);
    Lines(text, "laurel_retries_total", "counter", "Attempts to be made again.", Series{{"", retries_}});
    Lines(text, "laurel_dead_total", "counter", "Attempts that were the last.", Series{{"", dead_}});
    Lines(text, "laurel_leases_expired_total", "counter", "Outcomes that came after their lease had ended.",
          Series{{"", leases_lost_}});
    Lines(text, "laurel_db_reconnects_total", "counter", "Connections made after one was lost.",
          Series{{"", reconnects_}});
    Lines(text, "laurel_jobs_total", "counter", "Jobs this worker has run.", jobs_);
    for (const auto &[name, series] : gauges_) {
        const auto place = kDescriptions.find(name);
        const Description description =
            place == kDescriptions.end() ? Description{"gauge", ""} : place->second;
        Lines(text, name, description.type, description.help, series);
    }
    return text;
}

} // namespace laurel::worker
