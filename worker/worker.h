#pragma once

#include <memory>
#include <string>

#include "credentials/pages.h"
#include "database/listener.h"
#include "deliveries/dispatcher.h"
#include "jobs.h"
#include "loop/signals.h"
#include "pages/http_server.h"
#include "pages/overview.h"

namespace laurel::worker {

// The verb `run`: everything that goes on until a signal, or until nothing is due.
class Worker {
public:
    // `reload` reads the settings anew, for SIGHUP.
    Worker(Settings &settings, std::function<Settings()> reload, bool is_once);

    // Returns the program's exit code.
    int Run();

private:
    Listener::Events ListenerEvents();
    bool NameHosts();
    void OnOpened();
    void OnLost();
    void OnUnfit(const std::string &why);
    void OnSignal(int signal);
    void Turn();
    void EndRound(int exit_code);
    void BeginStopping();
    void FinishStopping();
    void Watchdog();
    void TellServiceManager();
    void RefreshOverview(bool with_lists);
    HttpServer::Reply Serve(const std::string &path);
    HttpServer::Reply Health() const;
    HttpServer::Reply Ready() const;
    HttpServer::Reply MetricsPage();
    void SetQueue();
    HttpServer::Reply Page();

    Settings &settings_; // names of hosts are brought to their form before anything is sent
    std::function<Settings()> reload_;
    const bool is_once_;
    const std::string id_;
    const std::string direct_conninfo_;
    Loop loop_;
    Signals signals_;
    Metrics metrics_;
    Database database_;
    Session session_;
    CredentialPages credential_pages_;
    Outbox outbox_;
    Dispatcher dispatcher_;
    Listener listener_;
    Jobs jobs_;
    Timer grace_;
    Timer watchdog_;
    std::unique_ptr<HttpServer> http_server_;
    Overview overview_;
    Clock::time_point numbers_read_;
    Clock::time_point lists_read_;
    Clock::time_point began_ = Clock::now();
    Clock::time_point last_turn_ = Clock::now();
    int exit_code_ = 0;
    bool is_stopping_ = false;
    bool is_finished_ = false;
    bool is_announced_ = false;
};

} // namespace laurel::worker
