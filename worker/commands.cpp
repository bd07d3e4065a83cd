#include "commands.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>

#include <fcntl.h>

#include "credentials/certificate.h"
#include "database/conninfo.h"
#include "database/plain_hosts.h"
#include "database/readiness.h"
#include "exit_code.h"
#include "mail/email.h"
#include "pages/html.h"
#include "pages/overview.h"
#include "settings/words.h"
#include "version.h"

namespace laurel::worker {

namespace {

void
Say(const std::string &line) {
    std::puts(Redacted(line).c_str());
}

void
Complain(const std::string &line) {
    std::fprintf(stderr, "laurel-worker: %s\n", Redacted(line).c_str());
}

// Runs a step on a checked connection; what goes wrong becomes a line and an exit code.
int
WithDatabase(const Settings &settings, const std::function<int(Database &)> &step) {
    Database database(CompleteConninfo(settings.database_url), settings.statement_timeout);
    try {
        database.Connect();
    } catch (const DatabaseError &error) {
        Complain("there is no way to the " + DescribeConninfo(settings.database_url) + ": " + error.what());
        return kNoDatabase;
    }
    try {
        const std::string missing = WhatIsMissing(database);
        if (missing.empty())
            return step(database);
        Complain(missing);
        return kUnfitSchema;
    } catch (const Disconnected &error) {
        Complain(std::string("the connection was lost: ") + error.what());
        return kNoDatabase;
    } catch (const DatabaseError &error) {
        Complain(std::string(error.what()) + " (SQLSTATE " + error.sqlstate + ")");
        return kFailed;
    }
}

// Signs in at the mail server and leaves again; empty, or why that failed.
std::string
TryMailServer(const Settings &settings) {
    const Email email(settings);
    CURL *easy = curl_easy_init();
    char error[CURL_ERROR_SIZE] = {};
    email.PrepareConnection(easy);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "NOOP");
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10'000L);
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, 10L);
    const CURLcode result = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    if (result == CURLE_OK)
        return {};
    return Printable(error[0] != '\0' ? error : curl_easy_strerror(result));
}

std::string
Padded(std::string text, size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

// Writes a file for its owner's eyes; empty, or why that failed.
std::string
WritePrivately(const std::string &file, const std::string &text) {
    const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    std::FILE *stream = descriptor < 0 ? nullptr : fdopen(descriptor, "w");
    if (stream == nullptr)
        return std::strerror(errno);
    const bool is_written = std::fputs(text.c_str(), stream) >= 0;
    return std::fclose(stream) == 0 && is_written ? "" : std::strerror(errno);
}

// Columns as wide as their widest cell.
void
PrintTable(const std::vector<std::vector<std::string>> &rows) {
    std::vector<size_t> widths(rows.front().size());
    for (const auto &row : rows) {
        for (size_t i = 0; i < row.size(); i++)
            widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto &row : rows) {
        std::string line;
        for (size_t i = 0; i < row.size(); i++)
            line += i + 1 == row.size() ? row[i] : Padded(row[i], widths[i] + 2);
        Say(line);
    }
}

void
PrintQueue(const Overview &overview) {
    std::vector<std::vector<std::string>> table{
        {"channel", "due", "waiting", "leased", "dead", "oldest", "delivered (1 h)", "p50", "p99"}};
    for (const auto &channel : overview.channels)
        table.push_back({channel.name, std::to_string(channel.due), std::to_string(channel.waiting),
                         std::to_string(channel.leased), std::to_string(channel.dead),
                         channel.due > 0 ? SpellMilliseconds(channel.oldest_due_seconds * 1000) : "-",
                         std::to_string(channel.delivered), SpellMilliseconds(channel.p50_ms),
                         SpellMilliseconds(channel.p99_ms)});
    PrintTable(table);
}

void
PrintSuppressed(const Overview &overview) {
    if (overview.suppressed > 0)
        Say("\nsuppressed addresses, to which mail bounced: " + std::to_string(overview.suppressed) +
            " (laurel.suppressed_addresses)");
}

void
PrintDeadLetters(const Overview &overview) {
    if (overview.dead_letters.empty())
        return;
    std::vector<std::vector<std::string>> table{{"dead since (UTC)", "id", "channel", "attempts", "reason"}};
    for (const auto &letter : overview.dead_letters)
        table.push_back(
            {letter.created_at, letter.id, letter.channel, std::to_string(letter.attempts), letter.reason});
    Say("");
    PrintTable(table);
}

void
PrintJobs(const Overview &overview) {
    if (overview.jobs.empty())
        return;
    std::vector<std::vector<std::string>> table{{"job", "schedule", "last run (UTC)", "result", "error"}};
    for (const auto &job : overview.jobs)
        table.push_back({job.name, job.schedule, job.last_run_at, job.last_outcome, job.last_error});
    Say("");
    PrintTable(table);
}

// The runs that began since then, with how each ended; false if one failed.
bool
PrintRetentionRuns(Database &database, const std::string &since) {
    const Rows rows = database.Query("SELECT policy, table_name, action, rows, held, outcome, error"
                                     " FROM laurel.retention_runs WHERE started_at OPERATOR(pg_catalog.>=)"
                                     " $1::timestamptz ORDER BY started_at",
                                     {since});
    std::vector<std::vector<std::string>> table{
        {"policy", "table", "action", "rows", "held", "outcome", "error"}};
    bool is_well = true;
    for (int row = 0; row < rows.Size(); row++) {
        const std::string outcome(rows.Text(row, 5));
        if (outcome == "kept" || outcome == "table absent")
            continue;
        is_well = is_well && outcome != "failed" && outcome != "interrupted";
        auto &line = table.emplace_back();
        for (int column = 0; column < 7; column++)
            line.emplace_back(rows.Text(row, column));
    }
    PrintTable(table);
    return is_well;
}

} // namespace

int
Check(const Settings &settings) {
    Say("ok      configuration; channels " + Join(settings.EnabledChannels(), ", "));
    Settings plain = settings;
    int code = WithDatabase(settings, [&](Database &database) {
        UsePlainHosts(database, &plain);
        Say("ok      " + DescribeConninfo(settings.database_url) +
            "; Laurel is there, all migrations are applied");
        return kDone;
    });
    if (!settings.smtp_url.empty()) {
        const std::string trouble = TryMailServer(plain);
        if (trouble.empty())
            Say("ok      mail server " + settings.smtp_url);
        else
            Complain("the mail server " + settings.smtp_url + " does not serve us: " + trouble);
        if (!trouble.empty() && code == kDone)
            code = kFailed;
    }
    return code;
}

int
RunRetention(const Settings &settings, bool is_dry) {
    return WithDatabase(settings, [&](Database &database) {
        const std::string since(database.Query("SELECT pg_catalog.clock_timestamp()").Text(0, 0));
        database.Execute(std::string("CALL laurel.run_retention(dry_run => ") +
                         (is_dry ? "true)" : "false)"));
        return PrintRetentionRuns(database, since) ? kDone : kFailed;
    });
}

int
Redrive(const Settings &settings, const std::string &channel, const std::string &organization,
        const std::vector<std::string> &ids) {
    const auto optional = [](const std::string &text) {
        return text.empty() ? std::nullopt : std::optional<std::string>(text);
    };
    return WithDatabase(settings, [&](Database &database) {
        const Rows rows =
            database.Query("SELECT laurel.redrive_deliveries($1, $2::uuid, $3::uuid[])",
                           {optional(channel), optional(organization),
                            ids.empty() ? std::nullopt : std::optional<std::string>(ArrayText(ids))});
        Say(std::string(rows.Text(0, 0)) + " dead letters are due again");
        return kDone;
    });
}

int
WriteCertificate(const Settings &settings, const std::string &award, const std::string &file) {
    return WithDatabase(settings, [&](Database &database) {
        const Rows row = database.Query("SELECT holder_name, badge_name, description, criteria,"
                                        " issuer_name, color, pg_catalog.to_char(awarded_on, 'YYYY-MM-DD'),"
                                        " pg_catalog.to_char(valid_until, 'YYYY-MM-DD'), address"
                                        " FROM laurel.certificate($1::uuid)",
                                        {award});
        const auto text = [&row](int column) { return std::string(row.Text(0, column)); };
        const std::string page = CertificatePage(
            {text(0), text(1), text(2), text(3), text(4), text(5), text(6), text(7), text(8)});
        if (file.empty())
            return std::fputs(page.c_str(), stdout) < 0 ? kFailed : kDone;
        const std::string trouble = WritePrivately(file, page);
        if (!trouble.empty())
            Complain(file + " cannot be written: " + trouble);
        return trouble.empty() ? kDone : kFailed;
    });
}

int
PrintStatus(const Settings &settings) {
    return WithDatabase(settings, [&](Database &database) {
        Overview overview;
        ReadNumbers(database, &overview);
        ReadLists(database, &overview);
        PrintQueue(overview);
        PrintDeadLetters(overview);
        PrintSuppressed(overview);
        PrintJobs(overview);
        return kDone;
    });
}

} // namespace laurel::worker
