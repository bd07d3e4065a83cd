#pragma once

#include <functional>
#include <string>

#include <libpq-fe.h>

#include "loop/loop.h"

namespace laurel::worker {

// A connection that never makes the loop wait: it opens, runs one statement at a time and takes notifications
// while everything else goes on. For LISTEN and for jobs.
class SideConnection {
public:
    struct Events {
        std::function<void()> ready;                                  // it is open
        std::function<void(const std::string &error)> done;           // the statement ended; empty: well
        std::function<void(const std::string &channel)> notification; // may be empty
        std::function<void(const std::string &reason)> lost;          // it could not be opened, or is gone
    };

    SideConnection(Loop &loop, std::string conninfo, Events events);
    ~SideConnection();
    SideConnection(const SideConnection &) = delete;
    SideConnection &operator=(const SideConnection &) = delete;

    void Open();
    void Send(const std::string &statement);
    void Close();

    // Asks the server to stop the statement under way; its end is reported as any other.
    void Cancel();

private:
    void OnSocket();
    void Proceed();
    void Read();
    void Watch(uint32_t events);
    void Unwatch();
    void Lose(const std::string &reason);

    Loop &loop_;
    std::string conninfo_;
    Events events_;
    Timer patience_; // for opening: libpq's connect_timeout does not hold here
    PGconn *connection_ = nullptr;
    int socket_ = -1;
    bool is_open_ = false;
    bool is_busy_ = false;
    std::string error_;
};

} // namespace laurel::worker
