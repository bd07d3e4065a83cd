#pragma once

#include <chrono>
#include <stdexcept>
#include <map>
#include <string>
#include <vector>

#include "settings/environment.h"
#include "webhooks/network.h"

namespace laurel::worker {

// Wrong configuration; the text says which setting, what is wrong with it and what would be right.
struct SettingsError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What the worker is told by its environment and its file. Each member is described in settings.cpp.
struct Settings {
    using Duration = std::chrono::milliseconds;

    std::string database_url;
    std::string listen_url;
    bool poll_only = false;
    Duration statement_timeout{};

    std::string channels; // as given; EnabledChannels says what that comes to
    int batch = 0;
    int in_flight = 0;
    Duration lease{};
    Duration poll{};
    Duration shutdown_grace{};
    bool noop = false;

    std::string smtp_url;
    std::string smtp_user;
    std::string smtp_password;
    std::string smtp_tls;
    int smtp_connections = 0;
    Duration smtp_timeout{};
    std::string mail_from;
    std::string mail_from_name;
    std::string message_id_host;

    std::string push_url;
    std::string push_token;
    int push_connections = 0;

    std::string webhook_allow;
    std::vector<Network> webhook_networks; // webhook_allow, read
    bool webhook_allow_http = false;
    Duration webhook_timeout{};
    std::string ca_file;

    bool jobs = true;

    int http_port = 0;
    std::string log;
    std::string log_level;

    // The channels there is a way out for: those asked for, else all that are configured.
    std::vector<std::string> EnabledChannels() const;

    // The others, each with what keeps it off.
    std::map<std::string, std::string> DisabledChannels() const;
};

// The settings of the environment, then of the file, then the defaults. Throws SettingsError.
Settings ReadSettings(const Variables &environment, const Variables &file);

// Every setting as lines for .env.example.
std::string ExampleFile();

} // namespace laurel::worker
