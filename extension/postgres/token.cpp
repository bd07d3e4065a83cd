#include "token.h"

#include "hash.h"
#include "kernel/base64.h"

namespace laurel {

namespace {

constexpr int kTokenBytes = 32;

} // namespace

Token
MakeToken() {
    unsigned char random[kTokenBytes];
    if (!pg_strong_random(random, sizeof(random)))
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
    Token token = {};
    token.length = static_cast<int>(kernel::Base64UrlLength(sizeof(random)));
    kernel::EncodeBase64Url(random, sizeof(random), token.text);
    return token;
}

Datum
TokenHash(std::string_view token) {
    const kernel::Digest digest = Sha256Of({token});
    return FromText({reinterpret_cast<const char *>(digest.bytes), sizeof(digest.bytes)});
}

} // namespace laurel
