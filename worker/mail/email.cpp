#include "mail/email.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <ctime>

#include "mail/header.h"
#include "mail/message.h"

namespace laurel::worker {

namespace {

constexpr long kConnectTimeout = 10'000;
constexpr long kOldestConnection = 20; // seconds; servers hang up on idle ones

// Hands the message over.
size_t
ReadPayload(char *data, size_t size, size_t count, void *transfer_pointer) {
    auto &transfer = *static_cast<Transfer *>(transfer_pointer);
    const size_t length = std::min(size * count, transfer.payload.size() - transfer.payload_sent);
    std::memcpy(data, transfer.payload.data() + transfer.payload_sent, length);
    transfer.payload_sent += length;
    return length;
}

// Remembers the server's last refusal: libcurl keeps its number only.
size_t
KeepRefusal(char *data, size_t size, size_t count, void *transfer) {
    if (size * count > 0 && (data[0] == '4' || data[0] == '5'))
        static_cast<Transfer *>(transfer)->reply.assign(data, size * count);
    return size * count;
}

// Addresses are kept with their domain as DNS has it. libcurl would take another to a library that reads it
// by the locale.
void
CheckDomain(const std::string &address) {
    if (!IsAscii(address.substr(address.rfind('@') + 1)))
        throw Refusal(
            "the domain of the address is not ASCII: write the address anew, or its domain as xn--");
}

// Sign in first, use TLS first, wrong password: no message would have got further.
bool
IsAboutUs(long status) {
    return status == 530 || status == 534 || status == 535 || status == 538;
}

// Whether the refusal is of this message (its sender, recipient or content) rather than of us.
bool
IsAboutMessage(const Transfer &transfer, CURLcode result) {
    if (result == CURLE_SEND_ERROR)
        return true; // MAIL, RCPT or DATA was answered
    return result == CURLE_WEIRD_SERVER_REPLY && !transfer.payload.empty() &&
           transfer.payload_sent == transfer.payload.size();
}

// A mail server may name the recipient without the domain, which nothing in the text gives away.
std::string
WithoutName(std::string text, const std::string &address) {
    const std::string name = address.substr(0, address.rfind('@'));
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    for (size_t at = 0; name.size() > 2;) {
        const auto found = std::search(text.begin() + static_cast<ptrdiff_t>(at), text.end(), name.begin(),
                                       name.end(), same);
        if (found == text.end())
            break;
        at = static_cast<size_t>(found - text.begin());
        if (at + name.size() < text.size() && text[at + name.size()] == '@') {
            at += name.size(); // the whole address is hidden elsewhere
            continue;
        }
        text.replace(at, name.size(), "[address]");
        at += std::string_view("[address]").size();
    }
    return text;
}

// What the message carries. The database has seen to its shape.
std::vector<Attachment>
AttachmentsOf(const nlohmann::json &message) {
    std::vector<Attachment> attachments;
    const auto found = message.find("attachments");
    if (found == message.end() || !found->is_array())
        return attachments;
    for (const auto &attachment : *found)
        attachments.push_back({TextOf(attachment, "filename"), TextOf(attachment, "content_type"),
                               TextOf(attachment, "alternative"), TextOf(attachment, "text")});
    return attachments;
}

} // namespace

// The server, with the name given in EHLO as its path.
std::string
Email::Url() const {
    const std::string &url = settings_.smtp_url;
    const bool has_path = url.find('/', url.find("://") + 3) != std::string::npos;
    return has_path ? url : url + "/" + settings_.message_id_host;
}

Lane
Email::LaneOf(const Transfer &) const {
    return {"email", settings_.smtp_connections, 0};
}

void
Email::PrepareConnection(CURL *easy) const {
    const long tls = settings_.smtp_tls == "none"       ? CURLUSESSL_NONE
                     : settings_.smtp_tls == "required" ? CURLUSESSL_ALL
                                                        : CURLUSESSL_TRY;
    curl_easy_setopt(easy, CURLOPT_URL, Url().c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_USE_SSL, tls);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeout);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.smtp_timeout.count()));
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kOldestConnection);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    if (!settings_.smtp_user.empty()) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, settings_.smtp_user.c_str());
        curl_easy_setopt(easy, CURLOPT_PASSWORD, settings_.smtp_password.c_str());
    }
    if (!settings_.ca_file.empty())
        curl_easy_setopt(easy, CURLOPT_CAINFO, settings_.ca_file.c_str());
}

void
Email::Prepare(Transfer &transfer) const {
    Message message;
    message.to = TextOf(transfer.message, "to");
    CheckAddress(message.to);
    CheckDomain(message.to);
    message.to_name = TextOf(transfer.message, "to_name");
    message.from = settings_.mail_from;
    message.from_name = settings_.mail_from_name;
    message.id = transfer.delivery.id;
    message.id_host = settings_.message_id_host;
    message.subject = TextOf(transfer.message, "subject");
    message.text = TextOf(transfer.message, "text");
    message.html = TextOf(transfer.message, "html");
    message.unsubscribe = TextOf(transfer.message, "unsubscribe");
    message.attachments = AttachmentsOf(transfer.message);
    message.date = std::time(nullptr);
    transfer.payload = Compose(message);
    transfer.recipients = curl_slist_append(nullptr, ("<" + message.to + ">").c_str());

    PrepareConnection(transfer.easy);
    curl_easy_setopt(transfer.easy, CURLOPT_MAIL_FROM, ("<" + message.from + ">").c_str());
    curl_easy_setopt(transfer.easy, CURLOPT_MAIL_RCPT, transfer.recipients);
    curl_easy_setopt(transfer.easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(transfer.easy, CURLOPT_READFUNCTION, ReadPayload);
    curl_easy_setopt(transfer.easy, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(transfer.easy, CURLOPT_HEADERFUNCTION, KeepRefusal);
    curl_easy_setopt(transfer.easy, CURLOPT_HEADERDATA, &transfer);
}

void
Email::Judge(const Transfer &transfer, CURLcode result, Outcome &outcome) const {
    long status = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_OK) {
        outcome.kind = Outcome::Kind::Delivered;
        outcome.status = static_cast<int>(status);
        return;
    }
    outcome.kind = Outcome::Kind::Retry;
    outcome.error = Printable(transfer.error[0] != '\0' ? transfer.error : curl_easy_strerror(result));
    if (status < 400 || status >= 600)
        return; // it did not refuse, it fell silent
    outcome.status = static_cast<int>(status);
    if (!transfer.reply.empty())
        outcome.error = Printable(WithoutName(transfer.reply, TextOf(transfer.message, "to")));
    if (status < 500 || IsAboutUs(status) || !IsAboutMessage(transfer, result))
        return;
    outcome.kind = Outcome::Kind::Dead;
    outcome.recipient = TextOf(transfer.message, "to");
    if (!IsAscii(TextOf(transfer.message, "to")))
        outcome.error += " (the address is not ASCII: the mail server must offer SMTPUTF8)";
}

} // namespace laurel::worker
