#include "sha256.h"

#include <openssl/evp.h>

namespace laurel::kernel {

namespace {

constinit EVP_MD_CTX *context = nullptr;
constinit const EVP_MD *algorithm = nullptr;
constinit bool begun = false;

// SHA-256 looked up for good; OpenSSL 3 would otherwise search its providers for every message.
const EVP_MD *
FindAlgorithm() noexcept {
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    return EVP_MD_fetch(nullptr, "SHA256", nullptr);
#else
    return EVP_sha256();
#endif
}

// Makes what is missing of the process-wide context and algorithm.
bool
Prepare() noexcept {
    if (context == nullptr)
        context = EVP_MD_CTX_new();
    if (algorithm == nullptr)
        algorithm = FindAlgorithm();
    return context != nullptr && algorithm != nullptr;
}

} // namespace

bool
Sha256::Begin() noexcept {
    begun = Prepare() && EVP_DigestInit_ex(context, algorithm, nullptr) == 1;
    return begun;
}

bool
Sha256::Update(const void *data, size_t size) noexcept {
    return begun && EVP_DigestUpdate(context, data, size) == 1;
}

bool
Sha256::End(Digest *digest) noexcept {
    if (!begun)
        return false;
    begun = false;
    return EVP_DigestFinal_ex(context, digest->bytes, nullptr) == 1;
}

} // namespace laurel::kernel
