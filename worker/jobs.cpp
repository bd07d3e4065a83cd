#include "jobs.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "database/reconnect.h"
#include "settings/words.h"

namespace laurel::worker {

namespace {

using namespace std::chrono_literals;

constexpr size_t kMostRuns = 2; // a long one does not keep a frequent one waiting
constexpr Clock::duration kBetweenLooks = 5s;
constexpr Clock::duration kCancelPatience = 2s;
constexpr int kUsedPercent = 95; // of a job's timeout

constexpr const char *kClaim =
    "SELECT name, command, lease_token, pg_catalog.date_part('epoch', timeout) * 1000"
    " FROM laurel_internal.claim_due_job($1::uuid)";
constexpr const char *kFinish = "SELECT laurel_internal.finish_job($1, $2::uuid, $3)";

} // namespace

Jobs::Jobs(Loop &loop, const Settings &settings, Session &session, Database &database, Metrics &metrics,
           std::string worker, std::string conninfo, std::function<bool()> has_session)
    : loop_(loop), settings_(settings), session_(session), database_(database), metrics_(metrics),
      worker_(std::move(worker)), conninfo_(std::move(conninfo)), has_session_(std::move(has_session)),
      look_(loop, [this] { Look(); }) {}

void
Jobs::OnOpened() {
    if (settings_.jobs && !is_stopping_)
        look_.In(Clock::duration::zero());
}

void
Jobs::Look() {
    look_.In(Jitter(kBetweenLooks));
    Tell();
    while (!is_stopping_ && session_.IsReady() && runs_.size() < kMostRuns && ClaimOne()) {
    }
}

bool
Jobs::ClaimOne() {
    bool is_claimed = false;
    session_.Do("claim of a job", [&] {
        const Rows rows = database_.Query(kClaim, {worker_});
        is_claimed = rows.Size() > 0;
        if (is_claimed)
            Begin(rows);
    });
    return is_claimed;
}

// The lease lasts for the job's timeout; the job must end a little earlier, or it might run twice.
void
Jobs::Begin(const Rows &claimed) {
    // The callbacks find the run by its address, which a list keeps.
    auto slot = std::make_shared<Run *>();
    SideConnection::Events events{
        .ready = [this, slot] { OnReady(*slot); },
        .done = [this, slot](const std::string &error) { OnDone(*slot, error); },
        .notification = {},
        .lost = [this, slot](const std::string &reason) { End(*slot, "the connection was lost: " + reason); },
    };
    Run &run =
        runs_.emplace_back(loop_, conninfo_, std::move(events), [this, slot] { OnPatienceEnded(*slot); });
    *slot = &run;
    run.name = claimed.Text(0, 0);
    run.command = claimed.Text(0, 1);
    run.lease_token = claimed.Text(0, 2);
    run.began = Clock::now();
    run.ends = run.began + std::chrono::milliseconds(claimed.Integer(0, 3) / 100 * kUsedPercent);
    run.patience.At(run.ends);
    spdlog::info("job {} begins", run.name);
    run.connection.Open();
}

// Where the session is ours, the server itself ends the job when it takes too long or when this worker is
// gone.
void
Jobs::OnReady(Run *run) {
    if (has_session_()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(run->ends - Clock::now());
        run->connection.Send("SET statement_timeout = " + std::to_string(std::max<int64_t>(1, left.count())) +
                             "; SET client_connection_check_interval = '5s'");
        return;
    }
    run->is_set_up = true;
    run->connection.Send(run->command);
}

void
Jobs::OnDone(Run *run, const std::string &error) {
    if (run->is_set_up || !error.empty()) {
        End(run, run->is_cancelled && !error.empty() ? "broken off: " + error : error);
        return;
    }
    run->is_set_up = true;
    run->connection.Send(run->command);
}

void
Jobs::OnPatienceEnded(Run *run) {
    if (run->is_cancelled) {
        End(run, "broken off: it took too long and did not stop when asked to");
        return;
    }
    run->is_cancelled = true;
    run->connection.Cancel();
    run->patience.In(kCancelPatience);
}

void
Jobs::End(Run *run, const std::string &error) {
    const double seconds = Seconds(Clock::now() - run->began);
    if (error.empty())
        spdlog::info("job {} ended well after {:.1f} s", run->name, seconds);
    else
        spdlog::error("job {} failed after {:.1f} s: {}", run->name, seconds, error);
    metrics_.CountJob(run->name, error.empty());
    reports_.push_back({run->name, run->lease_token, Redacted(error)});
    runs_.remove_if([run](const Run &other) { return &other == run; });
    look_.In(Clock::duration::zero());
}

// What cannot be told now is told when the connection is back; the token keeps it from ending another's run.
void
Jobs::Tell() {
    while (!reports_.empty() && session_.IsReady()) {
        const Report report = reports_.front();
        const std::optional<std::string> error =
            report.error.empty() ? std::nullopt : std::optional<std::string>(report.error);
        const auto result = session_.Do("report of a job", [&] {
            database_.Query(kFinish, {report.name, report.lease_token, error});
        });
        if (result != Session::Result::Done && result != Session::Result::Failed)
            return;
        reports_.erase(reports_.begin());
    }
}

void
Jobs::Stop() {
    is_stopping_ = true;
}

void
Jobs::Finish() {
    is_stopping_ = true;
    while (!runs_.empty()) {
        runs_.front().connection.Cancel();
        End(&runs_.front(), "broken off: the worker stops");
    }
    Tell();
}

} // namespace laurel::worker
