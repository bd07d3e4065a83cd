#include "database/plain_hosts.h"

#include <curl/curl.h>

#include "mail/header.h"

namespace laurel::worker {

namespace {

std::string
DomainOf(const std::string &address) {
    return address.substr(address.rfind('@') + 1);
}

std::string
HostOf(const std::string &url) {
    CURLU *parts = curl_url();
    char *host = nullptr;
    std::string name;
    if (curl_url_set(parts, CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        name = host;
    curl_free(host);
    curl_url_cleanup(parts);
    return name;
}

std::string
PlainHost(Database &database, const char *setting, const std::string &host) {
    try {
        const Rows rows = database.Query("SELECT laurel.mail_address($1)", {"postmaster@" + host});
        return DomainOf(std::string(rows.Text(0, 0)));
    } catch (const Disconnected &) {
        throw;
    } catch (const DatabaseError &wrong) {
        throw SettingsError(std::string(setting) +
                            ": the name of its host is not ASCII, and the database says of it: " +
                            wrong.what() + "; write it as xn--");
    }
}

// Replaces a host in the text of a setting: the last one of that name, which comes after a user and a
// password.
void
Replace(Database &database, const char *setting, std::string *text, const std::string &host) {
    const size_t at = text->rfind(host);
    if (!IsAscii(host) && at != std::string::npos)
        text->replace(at, host.size(), PlainHost(database, setting, host));
}

} // namespace

void
UsePlainHosts(Database &database, Settings *settings) {
    Replace(database, "LAUREL_MAIL_FROM", &settings->mail_from, DomainOf(settings->mail_from));
    Replace(database, "LAUREL_MESSAGE_ID_HOST", &settings->message_id_host, settings->message_id_host);
    Replace(database, "LAUREL_SMTP_URL", &settings->smtp_url, HostOf(settings->smtp_url));
    Replace(database, "LAUREL_PUSH_URL", &settings->push_url, HostOf(settings->push_url));
}

} // namespace laurel::worker
