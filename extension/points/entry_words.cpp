#include "points/entry_words.h"

namespace laurel::points {

namespace {

// Random bytes are drawn for many salts at once: one by one they would cost more than the entry's hash.
constexpr size_t kDrawn = 256 * kernel::kSaltSize;

constinit unsigned char drawn[kDrawn] = {};
constinit size_t left = 0;

} // namespace

void
EntryWords::Hash(const unsigned char *salt, kernel::EntryContent *content) {
    const kernel::Digest **places[kCount] = {&content->reason, &content->metadata, &content->idempotency_key};
    for (int word = 0; word < kCount; word++) {
        if (!texts[word])
            continue;
        if (!kernel::HashWords(salt, *texts[word], &digests[word]))
            ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute the entry's hash")));
        *places[word] = &digests[word];
    }
}

void
DrawSalt(unsigned char salt[kernel::kSaltSize]) {
    if (left == 0) {
        if (!pg_strong_random(drawn, kDrawn))
            ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
        left = kDrawn;
    }
    left -= kernel::kSaltSize;
    std::memcpy(salt, drawn + left, kernel::kSaltSize);
    std::memset(drawn + left, 0, kernel::kSaltSize);
}

} // namespace laurel::points
