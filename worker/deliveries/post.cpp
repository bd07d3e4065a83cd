#include "deliveries/post.h"

#include <algorithm>
#include <ctime>

#include <strings.h>

#include "deliveries/retry_after.h"
#include "version.h"

namespace laurel::worker {

namespace {

constexpr long kConnectTimeout = 10'000;
constexpr size_t kMostReply = 20'000;
constexpr size_t kMostHeader = 100'000;
constexpr std::string_view kRetryAfter = "retry-after:";
constexpr std::string_view kContentType = "content-type:";
constexpr size_t kMostType = 60;

// Keeps the beginning of the body; what is longer ends the transfer.
size_t
KeepReply(char *data, size_t size, size_t count, void *transfer_pointer) {
    auto &transfer = *static_cast<Transfer *>(transfer_pointer);
    const size_t length = size * count;
    const size_t room = kMostReply - transfer.reply.size();
    transfer.reply.append(data, std::min(length, room));
    transfer.reply_capped = length > room;
    return transfer.reply_capped ? 0 : length;
}

bool
HasName(std::string_view line, std::string_view name) {
    return line.size() > name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0;
}

// Notices Retry-After among the header lines, and what the body is; a header without end ends the transfer.
size_t
KeepHeader(char *data, size_t size, size_t count, void *transfer_pointer) {
    auto &transfer = *static_cast<Transfer *>(transfer_pointer);
    const std::string_view line(data, size * count);
    if (HasName(line, kRetryAfter))
        transfer.retry_after = RetryAfter(line.substr(kRetryAfter.size()), std::time(nullptr));
    if (line.starts_with("HTTP/"))
        transfer.reply_type.clear();
    if (HasName(line, kContentType))
        transfer.reply_type = Printable(line.substr(kContentType.size()), kMostType);
    transfer.header_size += line.size();
    return transfer.header_size > kMostHeader ? 0 : line.size();
}

// What there is to say of a body that does not say it itself.
std::string
Summary(const Transfer &transfer, CURLcode result) {
    if (result == CURLE_BAD_CONTENT_ENCODING)
        return "a reason in an encoding that cannot be read";
    if (transfer.reply.empty())
        return {};
    return (transfer.reply_capped ? "more than " : "") + std::to_string(transfer.reply.size()) +
           " bytes of " + (transfer.reply_type.empty() ? "something that is no text" : transfer.reply_type);
}

// The reason in the answer's body.
std::string
ReasonOf(const Transfer &transfer, CURLcode result) {
    if (!IsText(transfer.reply))
        return Summary(transfer, result);
    const std::string said = Printable(transfer.reply);
    return said.empty() ? Summary(transfer, result) : said;
}

std::string
Explain(const Transfer &transfer, CURLcode result) {
    if (!transfer.refused_address.empty())
        return "the address " + transfer.refused_address +
               " is not public: webhooks go there only if LAUREL_WEBHOOK_ALLOW has it";
    if (transfer.header_size > kMostHeader)
        return "the answer's header is longer than 100 kB";
    return Printable(transfer.error[0] != '\0' ? transfer.error : curl_easy_strerror(result));
}

} // namespace

void
PreparePost(Transfer &transfer, const std::string &url, const std::string &protocols, long timeout_ms,
            const std::string &ca_file) {
    CURL *easy = transfer.easy;
    const std::string agent = std::string("Laurel/") + kVersion;
    for (const char *header : {"Content-Type: application/json", "Expect:"})
        transfer.headers = curl_slist_append(transfer.headers, header);
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols.c_str());
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, agent.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.payload.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.payload.size()));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout_ms, kConnectTimeout));
    // Nothing compressed is asked for; what comes so all the same is read.
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "identity");
    // Whoever is late, a name server too, is not waited for.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, KeepReply);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, KeepHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    if (!ca_file.empty())
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
}

void
JudgePost(const Transfer &transfer, CURLcode result, Outcome &outcome) {
    long status = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    outcome.kind = Outcome::Kind::Retry;
    // What was refused here, or has no status line, is no answer. Nothing after that line changes what it
    // says.
    if (!transfer.refused_address.empty() || status < 200) {
        outcome.error = Explain(transfer, result);
        if (!transfer.refused_address.empty() || result == CURLE_URL_MALFORMAT)
            outcome.kind = Outcome::Kind::Dead;
        return;
    }
    outcome.status = static_cast<int>(status);
    if (status < 300) {
        outcome.kind = Outcome::Kind::Delivered;
        return;
    }
    outcome.error = "HTTP " + std::to_string(status);
    const std::string said = ReasonOf(transfer, result);
    if (status >= 300 && status < 400)
        outcome.error += ", and redirects are not followed";
    if (!said.empty())
        outcome.error += ": " + said;
    outcome.retry_after = transfer.retry_after;
}

} // namespace laurel::worker
