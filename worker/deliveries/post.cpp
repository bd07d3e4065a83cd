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

// Notices Retry-After among the header lines; a header without end ends the transfer.
size_t
KeepRetryAfter(char *data, size_t size, size_t count, void *transfer_pointer) {
    auto &transfer = *static_cast<Transfer *>(transfer_pointer);
    const std::string_view line(data, size * count);
    if (line.size() > kRetryAfter.size() && strncasecmp(data, kRetryAfter.data(), kRetryAfter.size()) == 0)
        transfer.retry_after = RetryAfter(line.substr(kRetryAfter.size()), std::time(nullptr));
    transfer.header_size += line.size();
    return transfer.header_size > kMostHeader ? 0 : line.size();
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
    // Whoever is late, a name server too, is not waited for.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, KeepReply);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, KeepRetryAfter);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    if (!ca_file.empty())
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
}

void
JudgePost(const Transfer &transfer, CURLcode result, Outcome &outcome) {
    long status = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    const bool is_answered = result == CURLE_OK || (result == CURLE_WRITE_ERROR && transfer.reply_capped);
    outcome.kind = Outcome::Kind::Retry;
    if (!is_answered) {
        outcome.error = Explain(transfer, result);
        if (!transfer.refused_address.empty() || result == CURLE_URL_MALFORMAT)
            outcome.kind = Outcome::Kind::Dead;
        return;
    }
    outcome.status = static_cast<int>(status);
    if (status >= 200 && status < 300) {
        outcome.kind = Outcome::Kind::Delivered;
        return;
    }
    outcome.error = "HTTP " + std::to_string(status);
    const std::string said = Printable(transfer.reply);
    if (status >= 300 && status < 400)
        outcome.error += ", and redirects are not followed";
    if (!said.empty())
        outcome.error += ": " + said;
    outcome.retry_after = transfer.retry_after;
}

} // namespace laurel::worker
