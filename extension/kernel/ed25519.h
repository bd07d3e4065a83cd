#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel {

// Signatures of Ed25519 (RFC 8032) by OpenSSL. Every function returns false where OpenSSL refuses.
constexpr size_t kEd25519KeySize = 32, kEd25519SignatureSize = 64;

// The public key of a private one.
bool Ed25519PublicKey(const unsigned char secret[kEd25519KeySize],
                      unsigned char key[kEd25519KeySize]) noexcept;

bool Ed25519Sign(const unsigned char secret[kEd25519KeySize], std::string_view message,
                 unsigned char signature[kEd25519SignatureSize]) noexcept;

// Whether the signature is of that message by the private key of that public one.
bool Ed25519Verify(const unsigned char key[kEd25519KeySize], std::string_view message,
                   const unsigned char signature[kEd25519SignatureSize]) noexcept;

} // namespace laurel::kernel
