#pragma once

#include <functional>
#include <string>

#include "database/database.h"
#include "database/reconnect.h"
#include "loop/loop.h"
#include "pages/metrics.h"

namespace laurel::worker {

// The life of the work connection: opened, checked, lost, opened again, with growing pauses.
class Session {
public:
    enum class Result {
        Done,
        Failed,  // the server refused the statement; the connection is well
        Lost,    // nothing was committed
        InDoubt, // it may have been committed
    };

    struct Events {
        // Right after opening, before Done is possible elsewhere; what it throws counts as a loss.
        std::function<void()> opened;
        // It could not be opened, or is gone; it will be tried again.
        std::function<void()> lost;
        // The first connection leads to a database that cannot be served.
        std::function<void(const std::string &why)> unfit;
    };

    Session(Loop &loop, Database &database, Metrics &metrics);

    void Start(Events events);

    bool IsReady() const { return is_ready_; }

    // What is wrong while it is not ready.
    const std::string &Trouble() const { return trouble_; }

    // The SQLSTATE of the last Failed.
    const std::string &FailedState() const { return failed_state_; }

    // Runs a step on the connection; what goes wrong is logged and turned into a result.
    Result Do(const char *what, const std::function<void()> &step);

private:
    void Open();
    void Lose(const std::string &why);
    void Report(const char *what, const DatabaseError &error);

    Database &database_;
    Metrics &metrics_;
    Events events_;
    Timer retry_;
    Backoff backoff_;
    bool is_ready_ = false;
    bool was_ready_ = false;
    std::string trouble_ = "not connected yet";
    std::string failed_state_;
    std::string reported_; // the last error that was logged, and when
    Clock::time_point reported_at_;
};

} // namespace laurel::worker
