#include "webhooks/webhook.h"

#include <ctime>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "deliveries/post.h"
#include "mail/header.h"
#include "url.h"
#include "webhooks/signature.h"

namespace laurel::worker {

namespace {

constexpr int kConcurrency = 10;
constexpr int kGone = 410;

// Notes an address that is neither public nor allowed.
bool
Admits(Transfer &transfer, const sockaddr *socket_address) {
    Address address;
    if (!AddressOf(socket_address, &address)) {
        transfer.refused_address = "of another family";
        return false;
    }
    if (IsReachable(address, *transfer.networks))
        return true;
    transfer.refused_address = ToString(address);
    return false;
}

// Called when the name has become an address and before anything is sent there: no spelling of an address and
// no second answer of a name server gets past it.
curl_socket_t
OpenSocket(void *transfer, curlsocktype, curl_sockaddr *address) {
    if (!Admits(*static_cast<Transfer *>(transfer), &address->addr))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Called before a request is sent, also over a connection that is used again: it may have been another
// channel's.
int
BeforeRequest(void *transfer, char *peer, char *, int, int) {
    sockaddr_storage storage{};
    auto *four = reinterpret_cast<sockaddr_in *>(&storage);
    auto *six = reinterpret_cast<sockaddr_in6 *>(&storage);
    if (inet_pton(AF_INET, peer, &four->sin_addr) == 1)
        storage.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, peer, &six->sin6_addr) == 1)
        storage.ss_family = AF_INET6;
    const auto *address = reinterpret_cast<const sockaddr *>(&storage);
    return Admits(*static_cast<Transfer *>(transfer), address) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

double
NumberOf(const nlohmann::json &message, const char *key, double fallback) {
    const auto place = message.find(key);
    return place != message.end() && place->is_number() ? place->get<double>() : fallback;
}

std::vector<std::string>
SecretsOf(const nlohmann::json &message) {
    std::vector<std::string> secrets;
    const auto place = message.find("secrets");
    if (place == message.end() || !place->is_array())
        return secrets;
    for (const auto &secret : *place) {
        if (secret.is_string())
            secrets.push_back(secret.get<std::string>());
    }
    return secrets;
}

// Only URLs of the right scheme, in ASCII: libcurl would take another host's name to a library that reads it
// by the locale. The database keeps them as xn--.
void
CheckUrl(const std::string &url, bool may_be_plain) {
    const bool is_plain = HasScheme(url, "http");
    if (!HasScheme(url, "https") && !(may_be_plain && is_plain))
        throw Refusal("the endpoint's URL does not begin with https://: " +
                      std::string(is_plain ? "set LAUREL_WEBHOOK_ALLOW_HTTP to allow http://, or " : "") +
                      "change the URL");
    if (!IsAscii(url))
        throw Refusal("the endpoint's URL is not ASCII: write the name of its host as xn--");
}

} // namespace

Lane
Webhook::LaneOf(const Transfer &transfer) const {
    const auto concurrency = static_cast<int>(NumberOf(transfer.message, "max_concurrency", kConcurrency));
    return {"webhook " + transfer.delivery.endpoint_id, concurrency,
            NumberOf(transfer.message, "rate_per_second", 0)};
}

void
Webhook::Prepare(Transfer &transfer) const {
    const std::string url = TextOf(transfer.message, "url");
    CheckUrl(url, settings_.webhook_allow_http);
    const std::string timestamp = std::to_string(std::time(nullptr));
    transfer.payload = TextOf(transfer.message, "body");
    const std::string signature =
        WebhookSignature(SecretsOf(transfer.message), transfer.delivery.id, timestamp, transfer.payload);
    for (const auto &header : {"webhook-id: " + transfer.delivery.id, "webhook-timestamp: " + timestamp,
                               "webhook-signature: " + signature})
        transfer.headers = curl_slist_append(transfer.headers, header.c_str());
    const double timeout =
        NumberOf(transfer.message, "timeout_ms", static_cast<double>(settings_.webhook_timeout.count()));
    PreparePost(transfer, url, settings_.webhook_allow_http ? "http,https" : "https",
                static_cast<long>(timeout), settings_.ca_file);
    transfer.networks = &settings_.webhook_networks;
    curl_easy_setopt(transfer.easy, CURLOPT_OPENSOCKETFUNCTION, OpenSocket);
    curl_easy_setopt(transfer.easy, CURLOPT_OPENSOCKETDATA, &transfer);
    curl_easy_setopt(transfer.easy, CURLOPT_PREREQFUNCTION, BeforeRequest);
    curl_easy_setopt(transfer.easy, CURLOPT_PREREQDATA, &transfer);
}

void
Webhook::Judge(const Transfer &transfer, CURLcode result, Outcome &outcome) const {
    JudgePost(transfer, result, outcome);
    if (outcome.status != kGone)
        return;
    outcome.kind = Outcome::Kind::Dead;
    outcome.disable_endpoint = true;
}

} // namespace laurel::worker
