#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "database/database.h"
#include "database/session.h"
#include "database/side_connection.h"
#include "pages/metrics.h"
#include "settings/settings.h"

namespace laurel::worker {

// Runs the scheduled jobs that are due where pg_cron does not: each under a lease of the database, so never
// twice, and on a connection of its own, so that a long one keeps nothing waiting.
class Jobs {
public:
    // `conninfo` leads to the database; `has_session` tells whether what is SET there stays with the
    // connection.
    Jobs(Loop &loop, const Settings &settings, Session &session, Database &database, Metrics &metrics,
         std::string worker, std::string conninfo, std::function<bool()> has_session);

    // The work connection is open.
    void OnOpened();

    // Begins no more jobs.
    void Stop();

    // Breaks off what runs and says so.
    void Finish();

    bool IsIdle() const { return runs_.empty(); }

private:
    struct Run {
        Run(Loop &loop, const std::string &conninfo, SideConnection::Events events,
            std::function<void()> on_patience_ended)
            : connection(loop, conninfo, std::move(events)), patience(loop, std::move(on_patience_ended)) {}

        std::string name;
        std::string command;
        std::string lease_token;
        SideConnection connection;
        Timer patience;
        Clock::time_point began;
        Clock::time_point ends; // at the latest
        bool is_set_up = false;
        bool is_cancelled = false;
    };

    struct Report {
        std::string name;
        std::string lease_token;
        std::string error; // empty: it went well
    };

    void Look();
    bool ClaimOne();
    void Begin(const Rows &claimed);
    void OnReady(Run *run);
    void OnDone(Run *run, const std::string &error);
    void OnPatienceEnded(Run *run);
    void End(Run *run, const std::string &error);
    void Tell();

    Loop &loop_;
    const Settings &settings_;
    Session &session_;
    Database &database_;
    Metrics &metrics_;
    std::string worker_;
    std::string conninfo_;
    std::function<bool()> has_session_;
    Timer look_;
    std::list<Run> runs_;
    std::vector<Report> reports_;
    bool is_stopping_ = false;
};

} // namespace laurel::worker
