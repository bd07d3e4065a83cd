#include "webhooks/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base64.h"
#include "deliveries/channel.h"

namespace laurel::worker {

namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr size_t kShortest = 24;
constexpr size_t kLongest = 64;

std::string
KeyOf(std::string_view secret) {
    if (!secret.starts_with(kPrefix))
        throw Refusal("the endpoint's secret does not begin with whsec_: give the endpoint a new one");
    const auto key = FromBase64(secret.substr(kPrefix.size()));
    if (!key)
        throw Refusal("the endpoint's secret is not base64 behind whsec_: give the endpoint a new one");
    if (key->size() < kShortest || key->size() > kLongest)
        throw Refusal("the endpoint's secret holds " + std::to_string(key->size()) +
                      " bytes, not 24 to 64: give the endpoint a new one");
    return *key;
}

std::string
HmacSha256(std::string_view key, std::string_view text) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    const auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), digest, &length) ==
        nullptr)
        throw std::runtime_error("OpenSSL does not compute HMAC-SHA256");
    return {reinterpret_cast<char *>(digest), length};
}

} // namespace

std::string
WebhookSignature(const std::vector<std::string> &secrets, std::string_view id, std::string_view timestamp,
                 std::string_view body) {
    if (secrets.empty())
        throw Refusal("the endpoint has no secret: give it one");
    std::string text;
    text.append(id).append(".").append(timestamp).append(".").append(body);
    std::string signatures;
    for (const auto &secret : secrets) {
        if (!signatures.empty())
            signatures += ' ';
        signatures += "v1," + Base64(HmacSha256(KeyOf(secret), text));
    }
    return signatures;
}

} // namespace laurel::worker
