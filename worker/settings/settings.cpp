#include "settings/settings.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include <curl/curl.h>

#include "deliveries/channel.h"
#include "mail/header.h"
#include "settings/words.h"
#include "url.h"

namespace laurel::worker {

namespace {

using Duration = Settings::Duration;

// A value's way into the settings, or an exception whose text completes "NAME=value: ...".
using Setter = std::function<void(Settings &, const std::string &)>;

struct Setting {
    const char *name;
    const char *fallback;
    const char *help;
    Setter set;
};

Setter
Text(std::string Settings::*member) {
    return [member](Settings &settings, const std::string &value) { settings.*member = value; };
}

Setter
Choice(std::string Settings::*member, std::vector<std::string> choices) {
    return [=](Settings &settings, const std::string &value) {
        if (std::ranges::find(choices, value) == choices.end())
            throw SettingsError("must be one of " + Join(choices, ", "));
        settings.*member = value;
    };
}

Setter
Flag(bool Settings::*member) {
    return [member](Settings &settings, const std::string &value) {
        const bool is_true = value == "true" || value == "1" || value == "yes" || value == "on";
        if (!is_true && value != "false" && value != "0" && value != "no" && value != "off")
            throw SettingsError("must be true or false");
        settings.*member = is_true;
    };
}

Setter
Number(int Settings::*member, int least, int most) {
    return [=](Settings &settings, const std::string &value) {
        int number = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc() || end != value.data() + value.size() || number < least || number > most)
            throw SettingsError("must be a whole number from " + std::to_string(least) + " to " +
                                std::to_string(most));
        settings.*member = number;
    };
}

// 30s, 500ms, 5m, 1h; a number alone is seconds. -1 ms for anything else.
Duration
ParseDuration(const std::string &value) {
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const std::string unit(end, value.data() + value.size());
    const std::map<std::string, double> units{{"ms", 1}, {"", 1e3}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}};
    const auto scale = units.find(unit);
    if (error != std::errc() || scale == units.end() || !(number >= 0) || number > 1e9)
        return Duration(-1);
    return Duration(static_cast<int64_t>(number * scale->second));
}

std::string
Spell(Duration span) {
    const auto count = span.count();
    return count % 1000 == 0 ? std::to_string(count / 1000) + "s" : std::to_string(count) + "ms";
}

Setter
Span(Duration Settings::*member, Duration least, Duration most) {
    return [=](Settings &settings, const std::string &value) {
        const Duration span = ParseDuration(value);
        if (span < least || span > most)
            throw SettingsError("must be a time from " + Spell(least) + " to " + Spell(most) +
                                ", such as 30s, 500ms or 5m");
        settings.*member = span;
    };
}

void
SetNetworks(Settings &settings, const std::string &value) {
    try {
        settings.webhook_networks = ParseNetworks(value);
    } catch (const std::invalid_argument &wrong) {
        throw SettingsError(wrong.what());
    }
    settings.webhook_allow = value;
}

// A URL with a host and one of these schemes, or nothing.
Setter
Url(std::string Settings::*member, std::vector<std::string> schemes) {
    return [=](Settings &settings, const std::string &value) {
        const auto has_scheme = [&](const std::string &scheme) { return HasScheme(value, scheme); };
        if (!value.empty() && std::ranges::none_of(schemes, has_scheme))
            throw SettingsError("must begin with " + Join(schemes, ":// or ") + "://");
        CURLU *url = curl_url();
        const bool is_url = value.empty() || curl_url_set(url, CURLUPART_URL, value.c_str(),
                                                          CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
        curl_url_cleanup(url);
        if (!is_url)
            throw SettingsError("is no URL with a host, such as " + schemes.front() + "://example.org");
        settings.*member = value;
    };
}

void
SetMailFrom(Settings &settings, const std::string &value) {
    try {
        if (!value.empty())
            CheckAddress(value);
    } catch (const Refusal &wrong) {
        throw SettingsError(wrong.what());
    }
    settings.mail_from = value;
}

using namespace std::chrono_literals;

using S = Settings;

const Setting kSettings[] = {
    {"DATABASE_URL", "",
     "the database, as a libpq URI or keywords; libpq's own variables (PGHOST, ...) serve as well",
     Text(&S::database_url)},
    {"LAUREL_LISTEN_URL", "",
     "a direct connection for LISTEN and for jobs where DATABASE_URL leads to a transaction pooler",
     Text(&S::listen_url)},
    {"LAUREL_POLL_ONLY", "false", "never LISTEN: look for deliveries every LAUREL_POLL alone",
     Flag(&S::poll_only)},
    {"LAUREL_STATEMENT_TIMEOUT", "5s",
     "the longest a statement of the worker, and a pause within its transactions, may take",
     Span(&S::statement_timeout, 100ms, 5min)},
    {"LAUREL_CHANNELS", "", "the channels to serve, of email, webhook, push; empty: all that are configured",
     Text(&S::channels)},
    {"LAUREL_BATCH", "200", "how many deliveries are claimed at once", Number(&S::batch, 1, 10000)},
    {"LAUREL_IN_FLIGHT", "400", "how many deliveries the worker holds at once",
     Number(&S::in_flight, 1, 20000)},
    {"LAUREL_LEASE", "20s",
     "how long a claim lasts unless it is extended; a dead worker's deliveries return after it",
     Span(&S::lease, 1s, 10min)},
    {"LAUREL_POLL", "1s", "how often an idle worker looks for deliveries", Span(&S::poll, 50ms, 1min)},
    {"LAUREL_SHUTDOWN_GRACE", "8s", "how long deliveries under way may take to end after SIGTERM",
     Span(&S::shutdown_grace, 0ms, 9s)},
    {"LAUREL_NOOP", "false", "send nothing and call everything delivered: for measuring only",
     Flag(&S::noop)},
    {"LAUREL_SMTP_URL", "", "the mail server: smtp://host:587 or smtps://host:465",
     Url(&S::smtp_url, {"smtp", "smtps"})},
    {"LAUREL_SMTP_USER", "", "the name to sign in to the mail server with", Text(&S::smtp_user)},
    {"LAUREL_SMTP_PASSWORD", "", "the password that goes with it", Text(&S::smtp_password)},
    {"LAUREL_SMTP_TLS", "starttls", "for smtp://: none, starttls (where the server offers it) or required",
     Choice(&S::smtp_tls, {"none", "starttls", "required"})},
    {"LAUREL_SMTP_CONNECTIONS", "10", "how many connections to the mail server at once",
     Number(&S::smtp_connections, 1, 1000)},
    {"LAUREL_SMTP_TIMEOUT", "60s", "the longest one message may take", Span(&S::smtp_timeout, 1s, 10min)},
    {"LAUREL_MAIL_FROM", "", "the sender's address", SetMailFrom},
    {"LAUREL_MAIL_FROM_NAME", "", "the sender's name", Text(&S::mail_from_name)},
    {"LAUREL_MESSAGE_ID_HOST", "",
     "what follows the @ in a Message-ID; empty: the domain of LAUREL_MAIL_FROM", Text(&S::message_id_host)},
    {"LAUREL_PUSH_URL", "", "where push messages are posted", Url(&S::push_url, {"https", "http"})},
    {"LAUREL_PUSH_TOKEN", "", "the bearer token that goes with them", Text(&S::push_token)},
    {"LAUREL_PUSH_CONNECTIONS", "20", "how many push messages are posted at once",
     Number(&S::push_connections, 1, 1000)},
    {"LAUREL_WEBHOOK_ALLOW", "",
     "private address ranges that webhooks may go to all the same, such as 10.1.0.0/16, fd00::/8",
     SetNetworks},
    {"LAUREL_WEBHOOK_ALLOW_HTTP", "false", "let webhooks go to http:// as well",
     Flag(&S::webhook_allow_http)},
    {"LAUREL_WEBHOOK_TIMEOUT", "15s", "the longest a webhook may take whose endpoint does not say",
     Span(&S::webhook_timeout, 100ms, 2min)},
    {"LAUREL_CA_FILE", "", "certificates to trust instead of the system's", Text(&S::ca_file)},
    {"LAUREL_JOBS", "true", "run the scheduled jobs that pg_cron does not", Flag(&S::jobs)},
    {"LAUREL_HTTP_PORT", "9464",
     "port on 127.0.0.1 of /healthz, /readyz, /metrics and the status page; 0: none",
     Number(&S::http_port, 0, 65535)},
    {"LAUREL_LOG", "text", "the log's form on standard error: text or json",
     Choice(&S::log, {"text", "json"})},
    {"LAUREL_LOG_LEVEL", "info", "trace, debug, info, warning or error; SIGHUP reads it anew from the file",
     Choice(&S::log_level, {"trace", "debug", "info", "warning", "error"})},
};

// Of the build and of the private cluster; an environment may hold them beside the worker's own.
constexpr const char *kOthers[] = {"LAUREL_PORT", "LAUREL_TCP", "LAUREL_WERROR", "LAUREL_SANITIZE"};

bool
IsKnown(const std::string &name) {
    return std::ranges::any_of(kSettings, [&](const Setting &setting) { return name == setting.name; }) ||
           std::ranges::any_of(kOthers, [&](const char *other) { return name == other; });
}

// Refuses a name of ours that does not exist: it is a typing error, and the setting meant would be missed.
void
CheckNames(const Variables &variables, bool is_file) {
    std::vector<std::string> names;
    for (const auto &setting : kSettings)
        names.emplace_back(setting.name);
    for (const auto &[name, value] : variables) {
        const bool is_ours = name.starts_with("LAUREL_") || (is_file && !name.starts_with("PG"));
        if (is_ours && !IsKnown(name))
            throw SettingsError("there is no setting " + name + ": did you mean " + Nearest(name, names) +
                                "?");
    }
}

std::string
ValueOf(const Setting &setting, const Variables &environment, const Variables &file) {
    for (const auto *variables : {&environment, &file}) {
        const auto place = variables->find(setting.name);
        if (place != variables->end() && !place->second.empty())
            return place->second;
    }
    return setting.fallback;
}

bool
IsSecret(const std::string &name) {
    return name.ends_with("PASSWORD") || name.ends_with("TOKEN") || name.ends_with("URL");
}

// Settings that contradict each other.
void
CheckTogether(const Settings &settings) {
    if (!settings.smtp_url.empty() && settings.mail_from.empty())
        throw SettingsError(
            "LAUREL_SMTP_URL is set, but not LAUREL_MAIL_FROM: mail needs a sender's address");
    if (settings.smtp_user.empty() != settings.smtp_password.empty())
        throw SettingsError("LAUREL_SMTP_USER and LAUREL_SMTP_PASSWORD belong together: set both or neither");
    if (settings.poll * 2 > settings.lease)
        throw SettingsError("LAUREL_POLL must be at most half of LAUREL_LEASE");
    settings.EnabledChannels();
}

// Every channel with the variable that its way out lacks, empty where it has one.
std::map<std::string, std::string>
MissingOf(const Settings &settings) {
    return {
        {"email", !settings.noop && settings.smtp_url.empty() ? "LAUREL_SMTP_URL" : ""},
        {"push", !settings.noop && settings.push_url.empty() ? "LAUREL_PUSH_URL" : ""},
        {"webhook", ""},
    };
}

} // namespace

std::vector<std::string>
Settings::EnabledChannels() const {
    const auto missing = MissingOf(*this);
    std::vector<std::string> enabled;
    for (const auto &name : Split(channels)) {
        const auto channel = missing.find(name);
        if (channel == missing.end())
            throw SettingsError("LAUREL_CHANNELS=" + channels + ": there is no channel " + name +
                                ", only email, webhook and push");
        if (!channel->second.empty())
            throw SettingsError("LAUREL_CHANNELS names " + name + ", which needs " + channel->second);
        enabled.push_back(name);
    }
    if (!enabled.empty())
        return enabled;
    for (const auto &[name, variable] : missing) {
        if (variable.empty())
            enabled.push_back(name);
    }
    return enabled;
}

std::map<std::string, std::string>
Settings::DisabledChannels() const {
    const auto enabled = EnabledChannels();
    std::map<std::string, std::string> disabled;
    for (const auto &[name, variable] : MissingOf(*this)) {
        if (std::find(enabled.begin(), enabled.end(), name) == enabled.end())
            disabled[name] = variable.empty() ? "LAUREL_CHANNELS names others" : variable + " is not set";
    }
    return disabled;
}

Settings
ReadSettings(const Variables &environment, const Variables &file) {
    CheckNames(environment, false);
    CheckNames(file, true);
    Settings settings;
    for (const auto &setting : kSettings) {
        const std::string value = ValueOf(setting, environment, file);
        try {
            setting.set(settings, value);
        } catch (const SettingsError &wrong) {
            const std::string shown = IsSecret(setting.name) ? "" : "=" + value;
            throw SettingsError(setting.name + shown + ": " + wrong.what());
        }
    }
    if (settings.message_id_host.empty())
        settings.message_id_host = settings.mail_from.substr(settings.mail_from.find('@') + 1);
    CheckTogether(settings);
    return settings;
}

std::string
ExampleFile() {
    std::string text = "# Settings of laurel-worker, with their defaults. Read by `laurel-worker --config "
                       "FILE` and by systemd;\n"
                       "# the environment goes before the file. An unknown LAUREL_ name is an error.\n";
    for (const auto &setting : kSettings)
        text += "\n# " + std::string(setting.help) + "\n#" + setting.name + "=" + setting.fallback + "\n";
    return text;
}

} // namespace laurel::worker
