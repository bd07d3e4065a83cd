#include "seal.h"

#include "uuid7.h"

#include <cstring>

namespace laurel::kernel {

namespace {

constexpr unsigned char kSealVersion = 1;

} // namespace

void
PutInteger(unsigned char *out, int64_t value) noexcept {
    for (int byte = 0; byte < 8; byte++)
        out[byte] = static_cast<unsigned char>(static_cast<uint64_t>(value) >> (56 - 8 * byte));
}

int64_t
GetInteger(const unsigned char *bytes) noexcept {
    uint64_t value = 0;
    for (int byte = 0; byte < 8; byte++)
        value = value << 8 | bytes[byte];
    return static_cast<int64_t>(value);
}

void
EncodeSeal(const unsigned char previous[32], const SealContent &seal, unsigned char out[kSealSize]) noexcept {
    *out++ = kSealVersion;
    memcpy(out, previous, sizeof(Digest));
    out += sizeof(Digest);
    memcpy(out, seal.organization_id, kUuidSize);
    out += kUuidSize;
    for (const int64_t value : {seal.seal_no, seal.sealed_at, seal.open_from, seal.accounts, seal.entries}) {
        PutInteger(out, value);
        out += sizeof value;
    }
    memcpy(out, seal.root.bytes, sizeof(Digest));
}

bool
HashSeal(const unsigned char previous[32], const SealContent &seal, Digest *digest) noexcept {
    unsigned char bytes[kSealSize];
    EncodeSeal(previous, seal, bytes);
    return Sha256::Begin() && Sha256::Update(bytes, sizeof bytes) && Sha256::End(digest);
}

} // namespace laurel::kernel
