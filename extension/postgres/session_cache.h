// What a session remembers by a key, with which its entries begin.
#pragma once

#include "postgres/datum.h"

namespace laurel {

// Of more keys than this a session forgets all, and begins anew.
constexpr long kMostRemembered = 2000;

// The table of entries of that size whose keys are plain bytes, made in `memory` where it is not there yet.
// All that lies in `memory` goes where it holds too many: whoever asks keeps nothing of an entry until he
// asks again.
inline HTAB *
SessionCache(HTAB **cache, const char *name, Size key, Size entry, MemoryContext memory) {
    if (*cache != nullptr && hash_get_num_entries(*cache) < kMostRemembered)
        return *cache;
    *cache = nullptr;
    MemoryContextReset(memory);
    HASHCTL control = {};
    control.keysize = key;
    control.entrysize = entry;
    control.hcxt = memory;
    *cache = hash_create(name, 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    return *cache;
}

} // namespace laurel
