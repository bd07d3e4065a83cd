#include "ed25519.h"

#include <memory>

#include <openssl/evp.h>

namespace laurel::kernel {

namespace {

using SigningKeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using SigningContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

SigningKeyPointer
SecretKey(const unsigned char *secret) noexcept {
    return {EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret, kEd25519KeySize), EVP_PKEY_free};
}

const unsigned char *
BytesOf(std::string_view message) noexcept {
    return reinterpret_cast<const unsigned char *>(message.data());
}

} // namespace

bool
Ed25519PublicKey(const unsigned char secret[kEd25519KeySize], unsigned char key[kEd25519KeySize]) noexcept {
    const SigningKeyPointer pair = SecretKey(secret);
    size_t size = kEd25519KeySize;
    return pair && EVP_PKEY_get_raw_public_key(pair.get(), key, &size) == 1 && size == kEd25519KeySize;
}

bool
Ed25519Sign(const unsigned char secret[kEd25519KeySize], std::string_view message,
            unsigned char signature[kEd25519SignatureSize]) noexcept {
    const SigningKeyPointer pair = SecretKey(secret);
    const SigningContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    size_t size = kEd25519SignatureSize;
    return pair && context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pair.get()) == 1 &&
           EVP_DigestSign(context.get(), signature, &size, BytesOf(message), message.size()) == 1 &&
           size == kEd25519SignatureSize;
}

bool
Ed25519Verify(const unsigned char key[kEd25519KeySize], std::string_view message,
              const unsigned char signature[kEd25519SignatureSize]) noexcept {
    const SigningKeyPointer pair(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key, kEd25519KeySize),
                                 EVP_PKEY_free);
    const SigningContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    return pair && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pair.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature, kEd25519SignatureSize, BytesOf(message),
                            message.size()) == 1;
}

} // namespace laurel::kernel
