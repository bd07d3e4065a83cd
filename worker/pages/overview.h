#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "database/database.h"

namespace laurel::worker {

// What the outbox, retention and the jobs look like, read from the database at one moment.
struct Overview {
    struct Channel {
        std::string name;
        int64_t due = 0;
        int64_t waiting = 0;
        int64_t leased = 0;
        int64_t dead = 0;
        double oldest_due_seconds = 0;
        int64_t delivered = 0; // the rest in the last hour
        int64_t retried = 0;
        int64_t given_up = 0;
        double p50_ms = 0;
        double p99_ms = 0;
    };

    // A minute of the last hour, 0 being the current one.
    struct Minute {
        int64_t delivered = 0;
        int64_t retried = 0;
        int64_t dead = 0;
        double p50_ms = 0;
        double p99_ms = 0;
    };

    struct DeadLetter {
        std::string id;
        std::string channel;
        std::string reason;
        std::string created_at;
        int64_t attempts = 0;
    };

    struct RetentionRun {
        std::string policy;
        std::string outcome;
        std::string started_at;
        std::string error;
        int64_t rows = 0;
        int64_t held = 0;
        int64_t partitions = 0;
        bool dry_run = false;
    };

    struct Job {
        std::string name;
        std::string schedule;
        std::string last_run_at;
        std::string last_outcome;
        std::string last_error;
        std::string next_run_at;
        std::string runner;
        bool is_failing = false;
    };

    struct Worker {
        std::string host;
        std::string version;
        std::string started_at;
        double seen_seconds = 0;
        int64_t pid = 0;
        bool idle = false;
    };

    std::vector<Channel> channels;
    std::vector<Minute> minutes; // 60, oldest first
    std::vector<DeadLetter> dead_letters;
    std::vector<RetentionRun> retention_runs;
    std::vector<Job> jobs;
    std::vector<Worker> workers;
    int64_t suppressed = 0; // addresses that get no mail
    double purged_rows = 0;
    std::optional<double> last_purge; // Unix time
    double oldest_xmin_seconds = 0;
    double dead_tuples = 0;
    double notification_queue_usage = 0;
};

// The numbers and the jobs, for metrics.
void ReadNumbers(Database &database, Overview *overview);

// The lists as well, for the page and for the verb status.
void ReadLists(Database &database, Overview *overview);

} // namespace laurel::worker
