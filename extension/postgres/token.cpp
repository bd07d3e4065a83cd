#include "token.h"

#include "kernel/sha256.h"

namespace laurel {

namespace {

constexpr int kTokenBytes = 32;

} // namespace

Token
MakeToken() {
    constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char random[kTokenBytes];
    if (!pg_strong_random(random, sizeof(random)))
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
    Token token = {};
    uint32 bits = 0;
    int pending = 0;
    for (const unsigned char byte : random) {
        bits = bits << 8 | byte;
        for (pending += 8; pending >= 6; pending -= 6)
            token.text[token.length++] = alphabet[bits >> (pending - 6) & 63];
    }
    token.text[token.length++] = alphabet[bits << (6 - pending) & 63];
    return token;
}

Datum
TokenHash(std::string_view token) {
    kernel::Digest digest;
    if (!kernel::Sha256::Begin() || !kernel::Sha256::Update(token.data(), token.size()) ||
        !kernel::Sha256::End(&digest))
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute SHA-256")));
    return FromText({reinterpret_cast<const char *>(digest.bytes), sizeof(digest.bytes)});
}

} // namespace laurel
