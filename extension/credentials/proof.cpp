#include "credentials/proof.h"

#include "credentials/quads.h"
#include "kernel/base58.h"
#include "kernel/base64.h"
#include "postgres/hash.h"
#include "postgres/jsonb_container.h"
#include "postgres/jsonb_object.h"
#include "postgres/list.h"

namespace laurel::credentials {

namespace {

constexpr int64 kUnixEpoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * static_cast<int64>(SECS_PER_DAY);
constexpr size_t kMostJwtBytes = 256 * 1024;

// What is signed: the hash of what is said of the proof, and that of the document.
struct Signed {
    kernel::Digest proof, document;

    std::string_view View() const { return {reinterpret_cast<const char *>(this), sizeof(*this)}; }
};

Jsonb *
ToJsonb(Datum datum) {
    return DatumGetJsonbP(datum);
}

Jsonb *
Without(Jsonb *object, const char *key) {
    return ToJsonb(DirectFunctionCall2(jsonb_delete, JsonbPGetDatum(object), CStringGetTextDatum(key)));
}

Jsonb *
Joined(Jsonb *a, Jsonb *b) {
    return ToJsonb(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(a), JsonbPGetDatum(b)));
}

Signed
WhatIsSigned(Jsonb *document, Jsonb *options) {
    return {Sha256Of({CanonicalQuads(options)}), Sha256Of({CanonicalQuads(document)})};
}

Jsonb *
OptionsOf(const Signer &signer, const char *created) {
    return JsonbObject()
        .Text("type", "DataIntegrityProof")
        .Text("cryptosuite", "eddsa-rdfc-2022")
        .Text("created", created)
        .Text("verificationMethod", VerificationMethod(signer))
        .Text("proofPurpose", "assertionMethod")
        .Finish();
}

const char *
SignatureText(const Signature &signature) {
    char *text = NewList<char>(kernel::Base58Room(sizeof(signature.bytes)) + 2);
    text[0] = 'z';
    text[1 + kernel::EncodeBase58(signature.bytes, sizeof(signature.bytes), text + 1)] = '\0';
    return text;
}

std::string_view
JsonText(Jsonb *json) {
    return JsonbToCString(nullptr, &json->root, static_cast<int>(VARSIZE(json)));
}

Jsonb *
JwtHeader(const Signer &signer) {
    unsigned char key[kernel::kEd25519KeySize];
    if (!PublicKeyOf(signer.key.View(), key))
        elog(ERROR, "%s is no key", CString(signer.key.View()));
    const std::string_view x = Base64UrlText(key, sizeof(key));
    Jsonb *jwk = JsonbObject().Text("kty", "OKP").Text("crv", "Ed25519").Text("x", x).Finish();
    return JsonbObject()
        .Text("alg", "EdDSA")
        .Text("typ", "vc+jwt")
        .Text("kid", VerificationMethod(signer))
        .Nested("jwk", jwk)
        .Finish();
}

int64
UnixSeconds(TimestampTz moment) {
    return moment / USECS_PER_SEC - (moment % USECS_PER_SEC < 0 ? 1 : 0) + kUnixEpoch;
}

// The bytes of a part of a JWT; false where it is no base64url.
bool
Decoded(std::string_view part, std::string_view *bytes) {
    auto *out = NewList<unsigned char>(part.size() * 3 / 4);
    if (!kernel::DecodeBase64Url(part, out))
        return false;
    *bytes = {reinterpret_cast<const char *>(out), part.size() * 3 / 4};
    return true;
}

// A JWT taken apart at its points.
struct JwtParts {
    std::string_view input, payload, signature;
};

bool
TakeApart(std::string_view jwt, JwtParts *parts) {
    const size_t first = jwt.find('.'), last = jwt.rfind('.');
    if (jwt.size() > kMostJwtBytes || first == std::string_view::npos || first == last)
        return false;
    *parts = {jwt.substr(0, last), jwt.substr(first + 1, last - first - 1), jwt.substr(last + 1)};
    return parts->payload.find('.') == std::string_view::npos;
}

} // namespace

const char *
VerificationMethod(const Signer &signer) {
    return psprintf("%s#%.*s", signer.issuer_id, signer.key.length, signer.key.text);
}

Jsonb *
WithProof(Jsonb *document, const Signer &signer, const char *created) {
    Jsonb *options = OptionsOf(signer, created);
    const Signature signature = Sign(signer.organization, WhatIsSigned(document, options).View());
    Jsonb *proof = Joined(options, JsonbObject().Text("proofValue", SignatureText(signature)).Finish());
    return Joined(document, JsonbObject().Nested("proof", proof).Finish());
}

bool
ProofHolds(Jsonb *document, std::string_view key_id) {
    JsonbValue proof, value;
    if (getKeyJsonValueFromContainer(&document->root, "proof", 5, &proof) == nullptr ||
        proof.type != jbvBinary || !JsonContainerIsObject(proof.val.binary.data) ||
        getKeyJsonValueFromContainer(proof.val.binary.data, "proofValue", 10, &value) == nullptr ||
        value.type != jbvString || value.val.string.len < 1)
        return false;
    const std::string_view text(value.val.string.val, static_cast<size_t>(value.val.string.len));
    Signature signature;
    if (text[0] != 'z' || !kernel::DecodeBase58(text.substr(1), signature.bytes, sizeof(signature.bytes)))
        return false;
    Jsonb *options = Without(JsonbValueToJsonb(&proof), "proofValue");
    return IsSigned(key_id, WhatIsSigned(Without(document, "proof"), options).View(), signature);
}

const char *
AsJwt(Jsonb *document, const Signer &signer, const JwtClaims &claims) {
    JsonbObject added;
    added.Text("iss", signer.issuer_id).Text("jti", claims.id).Number("nbf", UnixSeconds(claims.from));
    if (claims.subject != nullptr)
        added.Text("sub", claims.subject);
    if (!TIMESTAMP_NOT_FINITE(claims.until))
        added.Number("exp", UnixSeconds(claims.until));
    const std::string_view header = JsonText(JwtHeader(signer)),
                           payload = JsonText(Joined(document, added.Finish()));
    StringInfoData jwt;
    initStringInfo(&jwt);
    const std::string_view head = Base64UrlText(header.data(), header.size()),
                           body = Base64UrlText(payload.data(), payload.size());
    appendBinaryStringInfo(&jwt, head.data(), static_cast<int>(head.size()));
    appendStringInfoChar(&jwt, '.');
    appendBinaryStringInfo(&jwt, body.data(), static_cast<int>(body.size()));
    const Signature signature = Sign(signer.organization, {jwt.data, static_cast<size_t>(jwt.len)});
    const std::string_view tail = Base64UrlText(signature.bytes, sizeof(signature.bytes), '.');
    appendBinaryStringInfo(&jwt, tail.data(), static_cast<int>(tail.size()));
    return jwt.data;
}

bool
JwtHolds(std::string_view jwt, std::string_view key_id) {
    JwtParts parts;
    std::string_view bytes;
    Signature signature;
    if (!TakeApart(jwt, &parts) || !Decoded(parts.signature, &bytes) ||
        bytes.size() != sizeof(signature.bytes))
        return false;
    std::memcpy(signature.bytes, bytes.data(), sizeof(signature.bytes));
    return IsSigned(key_id, parts.input, signature);
}

std::string_view
JwtPayload(std::string_view jwt) {
    JwtParts parts;
    std::string_view payload;
    return TakeApart(jwt, &parts) && Decoded(parts.payload, &payload) ? payload : std::string_view();
}

Jsonb *
ArrayOf(Jsonb *object) {
    JsonbArrayOf array;
    array.Add(object);
    return array.Finish();
}

std::string_view
Base64UrlText(const void *bytes, size_t size, char letter) {
    const size_t letters = letter != '\0' ? 1 : 0;
    char *text = NewList<char>(letters + kernel::Base64UrlLength(size));
    text[0] = letter;
    kernel::EncodeBase64Url(static_cast<const unsigned char *>(bytes), size, text + letters);
    return {text, letters + kernel::Base64UrlLength(size)};
}

const char *
SecondsText(TimestampTz moment) {
    pg_tm parts;
    fsec_t fraction;
    if (timestamp2tm(moment, nullptr, &parts, &fraction, nullptr, nullptr) != 0 || parts.tm_year > 9999 ||
        parts.tm_year < 0)
        ereport(ERROR,
                (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("a credential cannot say that time")));
    return psprintf("%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year, parts.tm_mon, parts.tm_mday,
                    parts.tm_hour, parts.tm_min, parts.tm_sec);
}

} // namespace laurel::credentials
