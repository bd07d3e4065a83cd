#include "webhooks/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

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

// How many bytes the padding of a base64 text stands for; 3 for one that is no base64.
size_t
Padding(std::string_view text) {
    size_t padding = 0;
    while (padding < text.size() && text[text.size() - 1 - padding] == '=')
        padding++;
    const bool is_padded = text.size() % 4 == 0 && padding <= 2;
    const bool is_plain = text.substr(0, text.size() - padding)
                              .find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                                 "0123456789+/") == std::string_view::npos;
    return is_padded && is_plain ? padding : 3;
}

} // namespace

std::string
Base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()),
                    reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
    return text;
}

std::optional<std::string>
FromBase64(std::string_view text) {
    const size_t padding = Padding(text);
    if (padding > 2)
        return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int length =
        EVP_DecodeBlock(reinterpret_cast<unsigned char *>(bytes.data()),
                        reinterpret_cast<const unsigned char *>(text.data()), static_cast<int>(text.size()));
    if (length < 0)
        return std::nullopt;
    bytes.resize(static_cast<size_t>(length) - padding);
    return bytes;
}

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
