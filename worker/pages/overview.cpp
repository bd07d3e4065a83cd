#include "pages/overview.h"

namespace laurel::worker {

namespace {

constexpr int kMinutes = 60;

constexpr const char *kChannels =
    "SELECT channel, due, waiting, leased, dead,"
    " coalesce(pg_catalog.date_part('epoch', pg_catalog.now() - oldest_due_at), 0),"
    " delivered_last_hour, retried_last_hour, dead_last_hour, latency_p50_ms, latency_p99_ms"
    " FROM laurel.delivery_status() ORDER BY channel";

constexpr const char *kMinute =
    "SELECT pg_catalog.floor(pg_catalog.date_part('epoch', pg_catalog.now() - at) / 60)::integer,"
    " pg_catalog.sum(delivered), pg_catalog.sum(retried), pg_catalog.sum(dead),"
    " pg_catalog.max(latency_p50_ms), pg_catalog.max(latency_p99_ms)"
    " FROM laurel.delivery_history() GROUP BY 1";

constexpr const char *kDeadLetters = "SELECT id, channel, attempts, reason, pg_catalog.to_char(created_at AT "
                                     "TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')"
                                     " FROM laurel.dead_deliveries(20)";

constexpr const char *kRetentionRuns =
    "SELECT policy, rows, held, outcome, dry_run, error,"
    " pg_catalog.to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), partitions"
    " FROM laurel.retention_runs WHERE rows OPERATOR(pg_catalog.>) 0 OR held OPERATOR(pg_catalog.>) 0"
    " OR partitions OPERATOR(pg_catalog.>) 0"
    " OR outcome OPERATOR(pg_catalog.<>) ALL (ARRAY['kept', 'table absent', 'done'])"
    " ORDER BY started_at DESC LIMIT 20";

constexpr const char *kJobs =
    "SELECT job, schedule, pg_catalog.to_char(last_started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),"
    " coalesce(last_status, CASE WHEN is_enabled THEN 'not yet' ELSE 'disabled' END),"
    " pg_catalog.concat_ws('; ', last_error, note),"
    " pg_catalog.to_char(next_run_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), runner,"
    " coalesce(last_status OPERATOR(pg_catalog.=) ANY (ARRAY['failed', 'lost']), false)"
    " FROM laurel.job_status() ORDER BY job";

constexpr const char *kWorkers =
    "SELECT host, pid, version, idle, pg_catalog.date_part('epoch', pg_catalog.now() - seen_at),"
    " pg_catalog.to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM laurel.workers"
    " WHERE seen_at OPERATOR(pg_catalog.>) pg_catalog.now() - interval '10 minutes' ORDER BY started_at";

constexpr const char *kHealth =
    "SELECT coalesce((SELECT pg_catalog.max(pg_catalog.date_part('epoch', pg_catalog.now() - xact_start))"
    "  FROM pg_catalog.pg_stat_activity WHERE backend_xmin IS NOT NULL), 0),"
    " coalesce((SELECT n_dead_tup FROM pg_catalog.pg_stat_all_tables WHERE relid OPERATOR(pg_catalog.=)"
    "  'laurel.notification_deliveries'::regclass), 0), pg_catalog.pg_notification_queue_usage(),"
    " coalesce((SELECT pg_catalog.sum(rows) FROM laurel.retention_runs WHERE NOT dry_run), 0),"
    " (SELECT pg_catalog.date_part('epoch', pg_catalog.max(finished_at)) FROM laurel.retention_runs"
    "  WHERE NOT dry_run AND outcome OPERATOR(pg_catalog.=) 'done'),"
    " (SELECT pg_catalog.count(*) FROM (SELECT FROM laurel.suppressed_addresses"
    "  WHERE suppressed_at IS NOT NULL LIMIT 100000) s)";

Overview::Channel
ChannelOf(const Rows &rows, int row) {
    Overview::Channel channel;
    channel.name = rows.Text(row, 0);
    channel.due = rows.Integer(row, 1);
    channel.waiting = rows.Integer(row, 2);
    channel.leased = rows.Integer(row, 3);
    channel.dead = rows.Integer(row, 4);
    channel.oldest_due_seconds = rows.Real(row, 5);
    channel.delivered = rows.Integer(row, 6);
    channel.retried = rows.Integer(row, 7);
    channel.given_up = rows.Integer(row, 8);
    channel.p50_ms = rows.Real(row, 9);
    channel.p99_ms = rows.Real(row, 10);
    return channel;
}

void
ReadMinutes(Database &database, Overview *overview) {
    overview->minutes.assign(kMinutes, {});
    const Rows rows = database.Query(kMinute);
    for (int row = 0; row < rows.Size(); row++) {
        const int64_t age = rows.Integer(row, 0);
        if (age < 0 || age >= kMinutes)
            continue;
        Overview::Minute &minute = overview->minutes[static_cast<size_t>(kMinutes - 1 - age)];
        minute.delivered = rows.Integer(row, 1);
        minute.retried = rows.Integer(row, 2);
        minute.dead = rows.Integer(row, 3);
        minute.p50_ms = rows.Real(row, 4);
        minute.p99_ms = rows.Real(row, 5);
    }
}

void
ReadDeadLetters(Database &database, Overview *overview) {
    overview->dead_letters.clear();
    const Rows rows = database.Query(kDeadLetters);
    for (int row = 0; row < rows.Size(); row++)
        overview->dead_letters.push_back({std::string(rows.Text(row, 0)), std::string(rows.Text(row, 1)),
                                          std::string(rows.Text(row, 3)), std::string(rows.Text(row, 4)),
                                          rows.Integer(row, 2)});
}

void
ReadRetentionRuns(Database &database, Overview *overview) {
    overview->retention_runs.clear();
    const Rows rows = database.Query(kRetentionRuns);
    for (int row = 0; row < rows.Size(); row++)
        overview->retention_runs.push_back({std::string(rows.Text(row, 0)), std::string(rows.Text(row, 3)),
                                            std::string(rows.Text(row, 6)), std::string(rows.Text(row, 5)),
                                            rows.Integer(row, 1), rows.Integer(row, 2), rows.Integer(row, 7),
                                            rows.Text(row, 4) == "t"});
}

void
ReadJobs(Database &database, Overview *overview) {
    overview->jobs.clear();
    const Rows rows = database.Query(kJobs);
    for (int row = 0; row < rows.Size(); row++)
        overview->jobs.push_back({std::string(rows.Text(row, 0)), std::string(rows.Text(row, 1)),
                                  std::string(rows.Text(row, 2)), std::string(rows.Text(row, 3)),
                                  std::string(rows.Text(row, 4)), std::string(rows.Text(row, 5)),
                                  std::string(rows.Text(row, 6)), rows.Text(row, 7) == "t"});
}

void
ReadWorkers(Database &database, Overview *overview) {
    overview->workers.clear();
    const Rows rows = database.Query(kWorkers);
    for (int row = 0; row < rows.Size(); row++)
        overview->workers.push_back({std::string(rows.Text(row, 0)), std::string(rows.Text(row, 2)),
                                     std::string(rows.Text(row, 5)), rows.Real(row, 4), rows.Integer(row, 1),
                                     rows.Text(row, 3) == "t"});
}

} // namespace

void
ReadNumbers(Database &database, Overview *overview) {
    overview->channels.clear();
    const Rows rows = database.Query(kChannels);
    for (int row = 0; row < rows.Size(); row++)
        overview->channels.push_back(ChannelOf(rows, row));
    const Rows health = database.Query(kHealth);
    overview->oldest_xmin_seconds = health.Real(0, 0);
    overview->dead_tuples = health.Real(0, 1);
    overview->notification_queue_usage = health.Real(0, 2);
    overview->purged_rows = health.Real(0, 3);
    overview->last_purge = health.IsNull(0, 4) ? std::nullopt : std::optional(health.Real(0, 4));
    overview->suppressed = health.Integer(0, 5);
    ReadJobs(database, overview);
}

void
ReadLists(Database &database, Overview *overview) {
    ReadMinutes(database, overview);
    ReadDeadLetters(database, overview);
    ReadRetentionRuns(database, overview);
    ReadWorkers(database, overview);
}

} // namespace laurel::worker
