// The keys that sign credentials: one for each organization, made of the first line of a file of the
// server's.
#pragma once

#include "kernel/ed25519.h"
#include "postgres/datum.h"

namespace laurel::credentials {

// The public key as a Multikey (z and base58 of 0xed 0x01 and the key): what credentials call it.
struct KeyId {
    char text[64];
    int length;

    std::string_view View() const { return {text, static_cast<size_t>(length)}; }
};

// A signature, as bytes.
struct Signature {
    unsigned char bytes[kernel::kEd25519SignatureSize];
};

// Whether there is a file of keys.
bool HasKeys();

// The public key that signs for an organization now. Error F0000 where there is no file, or none as it must
// be.
KeyId ActiveKey(const Uuid &organization);

// Signs with it.
Signature Sign(const Uuid &organization, std::string_view message);

// Whether a signature is of that message by that key.
bool IsSigned(std::string_view key_id, std::string_view message, const Signature &signature);

// The public key that is called so; false where it is none.
bool PublicKeyOf(std::string_view key_id, unsigned char key[kernel::kEd25519KeySize]);

// Defines the setting.
void InitCredentialKeys();

} // namespace laurel::credentials
