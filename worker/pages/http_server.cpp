#include "pages/http_server.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/sha.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "settings/settings.h"

namespace laurel::worker {

namespace {

constexpr size_t kMostClients = 16;
constexpr size_t kLongestRequest = 8192;
constexpr std::chrono::seconds kPatience(5);
constexpr size_t kTagBytes = 16;

const char *
Reason(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 304:
        return "Not Modified";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 503:
        return "Service Unavailable";
    default:
        return "Bad Request";
    }
}

// What a body is called: a hash of it.
std::string
TagOf(const std::string &body) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char *>(body.data()), body.size(), digest);
    char text[2 * kTagBytes + 3];
    for (size_t i = 0; i < kTagBytes; i++)
        std::snprintf(text + 1 + 2 * i, 3, "%02x", digest[i]);
    text[0] = text[2 * kTagBytes + 1] = '"';
    return std::string(text, 2 * kTagBytes + 2);
}

std::string
Keeping(const HttpServer::Reply &reply, const std::string &tag) {
    if (reply.max_age == 0)
        return "Cache-Control: no-store\r\n";
    return "Cache-Control: public, max-age=" + std::to_string(reply.max_age) + "\r\nETag: " + tag + "\r\n";
}

std::string
Encode(const HttpServer::Reply &reply, bool has_body, const std::string &known_tag) {
    const std::string tag = reply.max_age > 0 ? TagOf(reply.body) : "";
    const bool is_known = !tag.empty() && known_tag.find(tag) != std::string::npos;
    const int status = is_known ? 304 : reply.status;
    std::string text = "HTTP/1.1 " + std::to_string(status) + " " + Reason(status) + "\r\n" +
                       "Content-Type: " + reply.type + "\r\n" + Keeping(reply, tag) +
                       "X-Content-Type-Options: nosniff\r\n"
                       "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
                       "Connection: close\r\n";
    if (!is_known)
        text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
    return text + "\r\n" + (has_body && !is_known ? reply.body : "");
}

// The value of a field of the request; empty where it is not there.
std::string
FieldOf(const std::string &request, const std::string &name) {
    const std::string field = "\r\n" + name + ":";
    const auto *found = strcasestr(request.c_str(), field.c_str());
    if (found == nullptr)
        return {};
    std::string value(found + field.size());
    value = value.substr(0, value.find("\r\n"));
    value.erase(0, std::min(value.find_first_not_of(" \t"), value.size()));
    return value;
}

// A page elsewhere must not read this one by pointing a name of its own at 127.0.0.1.
bool
IsLocalHost(const std::string &request) {
    std::string host = FieldOf(request, "host");
    if (host.empty())
        return true;
    host = host.starts_with("[") ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

} // namespace

HttpServer::HttpServer(Loop &loop, int port, Handler handler) : loop_(loop), handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    if (bind(listener_, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        listen(listener_, kMostClients) != 0) {
        const std::string reason = std::strerror(errno);
        close(listener_);
        throw SettingsError("LAUREL_HTTP_PORT=" + std::to_string(port) + " cannot be listened at: " + reason +
                            "; name a free port, or 0 for none");
    }
    loop_.Watch(listener_, EPOLLIN, [this](uint32_t) { Accept(); });
}

HttpServer::~HttpServer() {
    while (!clients_.empty())
        Drop(clients_.begin()->first);
    loop_.Unwatch(listener_);
    close(listener_);
}

void
HttpServer::Accept() {
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0)
        return;
    if (clients_.size() >= kMostClients) {
        close(descriptor);
        return;
    }
    clients_[descriptor] = std::make_unique<Client>(loop_, [this, descriptor] { Drop(descriptor); });
    clients_[descriptor]->patience.In(kPatience);
    loop_.Watch(descriptor, EPOLLIN, [this, descriptor](uint32_t) { Serve(descriptor); });
}

void
HttpServer::Serve(int descriptor) {
    const auto place = clients_.find(descriptor);
    if (place == clients_.end())
        return;
    if (place->second->reply.empty())
        Read(descriptor, *place->second);
    else
        Write(descriptor, *place->second);
}

void
HttpServer::Read(int descriptor, Client &client) {
    char data[4096];
    const ssize_t length = read(descriptor, data, sizeof data);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0 || client.request.size() + static_cast<size_t>(length) > kLongestRequest) {
        Drop(descriptor);
        return;
    }
    client.request.append(data, static_cast<size_t>(length));
    if (client.request.find("\r\n\r\n") != std::string::npos)
        Answer(descriptor, client);
}

void
HttpServer::Answer(int descriptor, Client &client) {
    const size_t method_end = client.request.find(' ');
    const size_t path_end = client.request.find(' ', method_end + 1);
    const std::string method = client.request.substr(0, method_end);
    Reply reply;
    if (method_end == std::string::npos || path_end == std::string::npos)
        reply = {400, "text/plain", "bad request\n"};
    else if (method != "GET" && method != "HEAD")
        reply = {405, "text/plain", "only GET\n"};
    else if (!IsLocalHost(client.request))
        reply = {403, "text/plain", "only for localhost\n"};
    else {
        const std::string target = client.request.substr(method_end + 1, path_end - method_end - 1);
        reply = handler_(target.substr(0, target.find('?')));
    }
    client.reply = Encode(reply, method != "HEAD", FieldOf(client.request, "if-none-match"));
    loop_.Watch(descriptor, EPOLLOUT, [this, descriptor](uint32_t) { Serve(descriptor); });
}

void
HttpServer::Write(int descriptor, Client &client) {
    const ssize_t length =
        send(descriptor, client.reply.data() + client.sent, client.reply.size() - client.sent, MSG_NOSIGNAL);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    client.sent += length > 0 ? static_cast<size_t>(length) : 0;
    if (length <= 0 || client.sent == client.reply.size())
        Drop(descriptor);
}

void
HttpServer::Drop(int descriptor) {
    loop_.Unwatch(descriptor);
    close(descriptor);
    clients_.erase(descriptor);
}

} // namespace laurel::worker
