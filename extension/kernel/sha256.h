#pragma once

#include <cstddef>

namespace laurel::kernel {

// A SHA-256 message digest (FIPS 180-4), most significant byte first.
struct Digest {
    unsigned char bytes[32];
};

// SHA-256 by OpenSSL, one message at a time: the context is made once per process, reused and never freed,
// because making one costs more than hashing a ledger entry. A backend has one thread, so nothing is locked;
// the class holds no state of its own, and Begin abandons a message that was not ended.
//
// Every function returns false when OpenSSL refuses (no memory, no SHA-256 in its providers) and when there
// is no message begun; the next Begin tries afresh.
class Sha256 {
public:
    static bool Begin() noexcept;
    static bool Update(const void *data, size_t size) noexcept;
    static bool End(Digest *digest) noexcept;
};

} // namespace laurel::kernel
