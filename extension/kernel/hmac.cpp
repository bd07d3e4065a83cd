#include "hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace laurel::kernel {

bool
HmacSha256(std::string_view key, std::string_view text, Digest *code) noexcept {
    const auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
    return HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), code->bytes,
                nullptr) != nullptr;
}

bool
AreEqual(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace laurel::kernel
