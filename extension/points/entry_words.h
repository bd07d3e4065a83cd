// The words of an entry, which enter its hash salted so that they can be erased.
#pragma once

#include "kernel/entry_hash.h"
#include "postgres/datum.h"

namespace laurel::points {

// reason, metadata and idempotency_key, in this order. A metadata of {} is none.
struct EntryWords {
    static constexpr int kCount = 3;

    std::optional<std::string_view> texts[kCount];
    kernel::Digest digests[kCount];

    bool Any() const { return texts[0] || texts[1] || texts[2]; }

    // Makes the digests of the texts that there are, and lets the entry's content point to them.
    void Hash(const unsigned char *salt, kernel::EntryContent *content);
};

// Fills a salt that nobody can guess.
void DrawSalt(unsigned char salt[kernel::kSaltSize]);

} // namespace laurel::points
