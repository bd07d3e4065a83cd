#pragma once

#include <functional>
#include <string>

#include "database/reconnect.h"
#include "database/side_connection.h"

namespace laurel::worker {

// LISTEN on a connection of its own. A transaction pooler takes LISTEN and never tells anything, and a dead
// network tells nothing either: so now and then the listener has a message sent from another connection, and
// trusts its own only while they arrive.
class Listener {
public:
    struct Events {
        std::function<void()> wake;                 // deliveries were added
        std::function<void(bool is_trusted)> trust; // the connection begins or ends to be of use
        std::function<bool(const std::string &channel)> send_probe; // NOTIFY from elsewhere; false: not now
    };

    // `name` is the worker's, no other listens under it.
    Listener(Loop &loop, std::string conninfo, const std::string &name, Events events);

    void Start();
    void Stop();
    bool IsTrusted() const { return is_trusted_; }

private:
    void OnReady();
    void OnDone(const std::string &error);
    void OnNotification(const std::string &channel);
    void OnLost(const std::string &reason);
    void Probe();
    void Despair();
    void Trust(bool is_trusted);

    SideConnection connection_;
    Events events_;
    std::string probe_channel_;
    Backoff backoff_;
    Timer retry_;
    Timer probe_;
    Timer despair_;
    bool is_trusted_ = false;
    bool is_silent_ = false; // the last connection took LISTEN and told nothing
};

} // namespace laurel::worker
