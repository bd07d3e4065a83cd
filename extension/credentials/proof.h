// Documents that are signed: with a proof in them (Data Integrity, eddsa-rdfc-2022), and as a JWT.
#pragma once

#include "credentials/keys.h"

namespace laurel::credentials {

// Who signs: an organization, by what its issuer calls the key.
struct Signer {
    Uuid organization;
    const char *issuer_id;
    KeyId key;
};

// The name of the key in documents: the issuer's with the key's after #, palloc'd.
const char *VerificationMethod(const Signer &signer);

// The document with a proof that it was made then ("2026-11-30T12:00:00Z").
Jsonb *WithProof(Jsonb *document, const Signer &signer, const char *created);

// Whether the document's proof is by that key.
bool ProofHolds(Jsonb *document, std::string_view key_id);

// What of a document a JWT says again in words of its own (RFC 7519); `until` is null where it does not end.
struct JwtClaims {
    const char *id;
    const char *subject; // null where the person is known by a hash alone
    TimestampTz from, until;
};

// The document, with its proof, as a signed JWT in its compact form.
const char *AsJwt(Jsonb *document, const Signer &signer, const JwtClaims &claims);

// Whether a JWT is signed by that key.
bool JwtHolds(std::string_view jwt, std::string_view key_id);

// The payload of a JWT, palloc'd; empty where it is none.
std::string_view JwtPayload(std::string_view jwt);

// An array of one object.
Jsonb *ArrayOf(Jsonb *object);

// Bytes in base64url after a letter, which may be 0. Palloc'd.
std::string_view Base64UrlText(const void *bytes, size_t size, char letter = '\0');

// A moment in UTC to the second, as credentials write it. Palloc'd.
const char *SecondsText(TimestampTz moment);

} // namespace laurel::credentials
