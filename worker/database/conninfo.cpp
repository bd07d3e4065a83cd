#include "database/conninfo.h"

#include <cstdlib>
#include <map>
#include <memory>

#include <libpq-fe.h>

#include "settings/settings.h"

namespace laurel::worker {

namespace {

struct Addition {
    const char *keyword;
    const char *value;
    const char *variable; // of libpq, which goes before ours
};

constexpr Addition kAdditions[] = {
    {"connect_timeout", "5", "PGCONNECT_TIMEOUT"}, {"keepalives_idle", "10", nullptr},
    {"keepalives_interval", "5", nullptr},         {"keepalives_count", "3", nullptr},
    {"tcp_user_timeout", "20000", nullptr},        {"application_name", "laurel-worker", "PGAPPNAME"},
    {"client_encoding", "UTF8", nullptr},
};

using Options = std::map<std::string, std::string>;

// libpq quotes the part of the string that it does not understand, which may be a password.
std::string
WithoutQuotes(const std::string &reason) {
    std::string text;
    bool is_quoted = false;
    for (const char letter : reason) {
        if (letter == '"')
            text += (is_quoted = !is_quoted) ? "\"..." : "\"";
        else if (!is_quoted)
            text += letter;
    }
    return text;
}

// The keywords a connection string names.
Options
Parse(const std::string &url) {
    char *message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
        PQconninfoParse(url.c_str(), &message), PQconninfoFree);
    const std::string reason = message == nullptr ? "out of memory" : message;
    PQfreemem(message);
    if (parsed == nullptr)
        throw SettingsError("DATABASE_URL or LAUREL_LISTEN_URL is no connection string: " +
                            WithoutQuotes(reason.substr(0, reason.find('\n'))));
    Options options;
    for (const auto *option = parsed.get(); option->keyword != nullptr; option++) {
        if (option->val != nullptr)
            options[option->keyword] = option->val;
    }
    return options;
}

std::string
Quoted(const std::string &value) {
    std::string quoted = "'";
    for (const char letter : value) {
        if (letter == '\'' || letter == '\\')
            quoted += '\\';
        quoted += letter;
    }
    return quoted + "'";
}

// What libpq would use for a keyword that nothing names.
std::string
Fallback(const std::string &keyword) {
    std::string value;
    PQconninfoOption *defaults = PQconndefaults();
    for (const auto *option = defaults; option != nullptr && option->keyword != nullptr; option++) {
        if (keyword == option->keyword && option->val != nullptr)
            value = option->val;
    }
    PQconninfoFree(defaults);
    return value;
}

std::string
ValueOf(const Options &options, const std::string &keyword) {
    const auto place = options.find(keyword);
    return place == options.end() ? Fallback(keyword) : place->second;
}

} // namespace

std::string
CompleteConninfo(const std::string &url) {
    Options options = Parse(url);
    for (const auto &addition : kAdditions) {
        if (addition.variable == nullptr || std::getenv(addition.variable) == nullptr)
            options.try_emplace(addition.keyword, addition.value);
    }
    std::string text;
    for (const auto &[keyword, value] : options)
        text += keyword + "=" + Quoted(value) + " ";
    return text;
}

std::string
DescribeConninfo(const std::string &url) {
    const Options options = Parse(url);
    std::string user = ValueOf(options, "user");
    std::string database = ValueOf(options, "dbname");
    std::string host = ValueOf(options, "host");
    if (host.empty())
        host = "the local socket";
    return "database " + (database.empty() ? user : database) + " at " + host + ", port " +
           ValueOf(options, "port") + ", as " + user;
}

} // namespace laurel::worker
