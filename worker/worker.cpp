#include "worker.h"

#include <csignal>

#include <openssl/rand.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "database/conninfo.h"
#include "database/plain_hosts.h"
#include "exit_code.h"
#include "kernel/uuid7.h"
#include "log.h"
#include "loop/systemd.h"
#include "pages/status_page.h"
#include "settings/words.h"
#include "version.h"

namespace laurel::worker {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration kNumbersAge = 5s;
constexpr Clock::duration kListsAge = 2s;
constexpr auto kLastWords = 1s; // the longest each statement may take while stopping

std::string
NewId() {
    unsigned char random[8];
    if (RAND_bytes(random, sizeof random) != 1)
        throw std::runtime_error("OpenSSL has no random numbers");
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    kernel::Uuid7State state;
    unsigned char uuid[16];
    kernel::NextUuid7(state, std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count(),
                      random, uuid);
    std::string id(kernel::kUuidLength, '\0');
    kernel::WriteUuid(uuid, id.data());
    return id;
}

std::string
HostName() {
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

const std::string &
DirectUrl(const Settings &settings) {
    return settings.listen_url.empty() ? settings.database_url : settings.listen_url;
}

} // namespace

Worker::Worker(Settings &settings, std::function<Settings()> reload, bool is_once)
    : settings_(settings), reload_(std::move(reload)), is_once_(is_once), id_(NewId()),
      direct_conninfo_(CompleteConninfo(DirectUrl(settings))),
      signals_(loop_, [this](int signal) { OnSignal(signal); }),
      database_(CompleteConninfo(settings.database_url), settings.statement_timeout),
      session_(loop_, database_, metrics_), credential_pages_(database_, session_),
      outbox_(database_, id_, settings), dispatcher_(loop_, settings, session_, outbox_, metrics_),
      listener_(loop_, direct_conninfo_, id_, ListenerEvents()),
      jobs_(loop_, settings, session_, database_, metrics_, id_, direct_conninfo_,
            [this] { return listener_.IsTrusted() || !settings_.listen_url.empty(); }),
      grace_(loop_, [this] { FinishStopping(); }), watchdog_(loop_, [this] { Watchdog(); }) {
    if (settings.http_port != 0 && !is_once)
        http_server_ = std::make_unique<HttpServer>(loop_, settings.http_port,
                                                    [this](const std::string &path) { return Serve(path); });
    loop_.AfterEachRound([this] { Turn(); });
    metrics_.Set("laurel_worker_info", {{"version", kVersion}}, 1);
    for (const auto &channel : settings_.EnabledChannels()) {
        metrics_.Set("laurel_channel_enabled", {{"channel", channel}}, 1);
        metrics_.BeginChannel(channel);
    }
    for (const auto &[channel, reason] : settings_.DisabledChannels())
        metrics_.Set("laurel_channel_enabled", {{"channel", channel}}, 0);
}

Listener::Events
Worker::ListenerEvents() {
    return {
        .wake = [this] { dispatcher_.Wake(); },
        .trust = [this](bool is_trusted) { dispatcher_.SetListening(is_trusted); },
        .send_probe =
            [this](const std::string &channel) {
                return session_.IsReady() && session_.Do("probe of LISTEN", [&] {
                    database_.Query("SELECT pg_catalog.pg_notify($1, '')", {channel});
                }) == Session::Result::Done;
            },
    };
}

int
Worker::Run() {
    spdlog::info("laurel-worker {} begins; {}; channels {}", kVersion,
                 DescribeConninfo(settings_.database_url), Join(settings_.EnabledChannels(), ", "));
    session_.Start({.opened = [this] { OnOpened(); },
                    .lost = [this] { OnLost(); },
                    .unfit = [this](const std::string &why) { OnUnfit(why); }});
    if (WatchdogInterval())
        watchdog_.In(*WatchdogInterval());
    loop_.Run();
    return exit_code_;
}

// Whether the hosts in the settings have names that can be used.
bool
Worker::NameHosts() {
    try {
        UsePlainHosts(database_, &settings_);
        return true;
    } catch (const SettingsError &wrong) {
        spdlog::error("{}", wrong.what());
        exit_code_ = kUsage;
        BeginStopping();
        FinishStopping();
        return false;
    }
}

void
Worker::OnOpened() {
    if (!NameHosts())
        return;
    dispatcher_.OnOpened();
    if (is_once_)
        return;
    jobs_.OnOpened();
    if (!settings_.poll_only)
        listener_.Start();
}

// Whoever asked for one round wants to hear that there was none.
void
Worker::OnLost() {
    if (!is_once_)
        return;
    exit_code_ = kNoDatabase;
    loop_.Stop();
}

void
Worker::OnUnfit(const std::string &why) {
    spdlog::error("{}", why);
    NotifyServiceManager("STATUS=" + Redacted(why));
    exit_code_ = kUnfitSchema;
    loop_.Stop();
}

void
Worker::OnSignal(int signal) {
    if (signal == SIGHUP) {
        try {
            SetLogLevel(reload_().log_level);
            spdlog::info("read the log level anew");
        } catch (const SettingsError &error) {
            spdlog::error("the settings stay as they are: {}", error.what());
        }
        return;
    }
    if (is_stopping_) {
        spdlog::warn("asked again: stopping at once");
        FinishStopping();
        return;
    }
    BeginStopping();
}

// What is under way may end; nothing new begins. The time counts from when the signal may have come, which is
// while the last round of the loop was still under way.
void
Worker::BeginStopping() {
    is_stopping_ = true;
    spdlog::info("stopping: {} deliveries are under way", dispatcher_.InFlight());
    NotifyServiceManager("STOPPING=1\nSTATUS=stopping");
    database_.SetStatementTimeout(kLastWords);
    listener_.Stop();
    jobs_.Stop();
    dispatcher_.Stop();
    grace_.At(last_turn_ + settings_.shutdown_grace);
}

void
Worker::FinishStopping() {
    if (std::exchange(is_finished_, true))
        return;
    dispatcher_.Finish();
    jobs_.Finish();
    spdlog::info("stopped");
    loop_.Stop();
}

void
Worker::Turn() {
    dispatcher_.Turn();
    last_turn_ = Clock::now();
    TellServiceManager();
    if (is_stopping_ && dispatcher_.IsDrained() && jobs_.IsIdle())
        FinishStopping();
    else if (is_once_ && !is_stopping_ && dispatcher_.IsRefused())
        EndRound(kFailed);
    else if (is_once_ && !is_stopping_ && dispatcher_.IsExhausted() && !dispatcher_.AwaitsDue())
        EndRound(kDone);
}

void
Worker::EndRound(int exit_code) {
    exit_code_ = exit_code;
    FinishStopping();
}

void
Worker::TellServiceManager() {
    if (is_announced_ || !session_.IsReady())
        return;
    is_announced_ = true;
    NotifyServiceManager("READY=1\nSTATUS=serving " + Join(settings_.EnabledChannels(), ", "));
}

void
Worker::Watchdog() {
    NotifyServiceManager("WATCHDOG=1\nSTATUS=" + (session_.IsReady()
                                                      ? std::to_string(dispatcher_.InFlight()) + " under way"
                                                      : "no database: " + session_.Trouble()));
    watchdog_.In(*WatchdogInterval());
}

// What was read a moment ago is good enough, so that nobody loads the database by looking.
void
Worker::RefreshOverview(bool with_lists) {
    const auto now = Clock::now();
    if (session_.IsReady() && now - numbers_read_ > kNumbersAge)
        session_.Do("reading the numbers", [&] {
            ReadNumbers(database_, &overview_);
            numbers_read_ = now;
        });
    if (with_lists && session_.IsReady() && now - lists_read_ > kListsAge)
        session_.Do("reading the lists", [&] {
            ReadLists(database_, &overview_);
            lists_read_ = now;
        });
}

HttpServer::Reply
Worker::Serve(const std::string &path) {
    if (path == "/healthz" || path == "/livez")
        return Health();
    if (path == "/readyz")
        return Ready();
    if (path == "/metrics")
        return MetricsPage();
    if (path == "/")
        return Page();
    if (CredentialPages::Answers(path))
        return credential_pages_.Serve(path);
    return {404, "text/plain; charset=utf-8", "there is /, /healthz, /readyz, /metrics and /credentials/\n"};
}

// The loop that does the work is the one that answers. A lost database is no reason to restart the worker.
HttpServer::Reply
Worker::Health() const {
    const bool is_late = Clock::now() - last_turn_ > 2 * settings_.statement_timeout + 10s;
    return {is_late ? 503 : 200, "text/plain; charset=utf-8", is_late ? "stuck\n" : "ok\n"};
}

HttpServer::Reply
Worker::Ready() const {
    if (is_stopping_)
        return {503, "text/plain; charset=utf-8", "stopping\n"};
    if (!session_.IsReady())
        return {503, "text/plain; charset=utf-8", "no database: " + session_.Trouble() + "\n"};
    return {200, "text/plain; charset=utf-8", "ready\n"};
}

HttpServer::Reply
Worker::MetricsPage() {
    RefreshOverview(false);
    metrics_.Set("laurel_in_flight", {}, static_cast<double>(dispatcher_.InFlight()));
    metrics_.Set("laurel_database_connected", {}, session_.IsReady() ? 1 : 0);
    metrics_.Set("laurel_listen_connected", {}, listener_.IsTrusted() ? 1 : 0);
    SetQueue();
    metrics_.Forget("laurel_job_failing");
    for (const auto &job : overview_.jobs) {
        metrics_.Set("laurel_job_failing", {{"job", job.name}}, job.is_failing ? 1 : 0);
        metrics_.BeginJob(job.name);
    }
    metrics_.Set("laurel_suppressed_addresses", {}, static_cast<double>(overview_.suppressed));
    metrics_.Set("laurel_purge_rows_total", {}, overview_.purged_rows);
    if (overview_.last_purge)
        metrics_.Set("laurel_purge_last_success_timestamp_seconds", {}, *overview_.last_purge);
    else
        metrics_.Forget("laurel_purge_last_success_timestamp_seconds");
    metrics_.Set("laurel_oldest_xmin_age_seconds", {}, overview_.oldest_xmin_seconds);
    metrics_.Set("laurel_dead_tuples", {}, overview_.dead_tuples);
    metrics_.Set("laurel_notification_queue_usage", {}, overview_.notification_queue_usage);
    return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_.Text()};
}

// Nothing is overdue in a channel that this worker does not serve: who does, says so.
void
Worker::SetQueue() {
    const auto switched_off = settings_.DisabledChannels();
    for (const auto &channel : overview_.channels) {
        metrics_.Set("laurel_outbox_ready", {{"channel", channel.name}}, static_cast<double>(channel.due));
        metrics_.Set("laurel_outbox_waiting", {{"channel", channel.name}},
                     static_cast<double>(channel.waiting));
        metrics_.Set("laurel_outbox_leased", {{"channel", channel.name}},
                     static_cast<double>(channel.leased));
        metrics_.Set("laurel_outbox_dead", {{"channel", channel.name}}, static_cast<double>(channel.dead));
        metrics_.Set("laurel_outbox_oldest_due_seconds", {{"channel", channel.name}},
                     switched_off.contains(channel.name) ? 0 : channel.oldest_due_seconds);
    }
}

HttpServer::Reply
Worker::Page() {
    RefreshOverview(true);
    SelfPortrait self;
    self.version = kVersion;
    self.host = HostName();
    self.channels = Join(settings_.EnabledChannels(), ", ");
    self.switched_off = settings_.DisabledChannels();
    self.trouble = session_.IsReady() ? "" : session_.Trouble();
    self.in_flight = dispatcher_.InFlight();
    self.is_listening = listener_.IsTrusted();
    self.is_stopping = is_stopping_;
    self.up_seconds = Seconds(Clock::now() - began_);
    self.overview_age_seconds = Seconds(Clock::now() - lists_read_);
    return {200, "text/html; charset=utf-8", StatusPage(self, overview_)};
}

} // namespace laurel::worker
