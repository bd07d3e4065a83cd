// What a session remembers of organizations, whose entries begin with the organization's id.
#pragma once

#include "postgres/datum.h"

namespace laurel {

// Of more organizations than this a session forgets all, and begins anew.
constexpr long kMostRemembered = 2000;

// The table of entries of that size, made in `memory` where it is not there yet. All that lies in `memory`
// goes where it holds too many: whoever asks keeps nothing of an entry until he asks again.
inline HTAB *
OrganizationCache(HTAB **cache, const char *name, Size entry, MemoryContext memory) {
    if (*cache != nullptr && hash_get_num_entries(*cache) < kMostRemembered)
        return *cache;
    *cache = nullptr;
    MemoryContextReset(memory);
    HASHCTL control = {};
    control.keysize = sizeof(Uuid);
    control.entrysize = entry;
    control.hcxt = memory;
    *cache = hash_create(name, 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    return *cache;
}

} // namespace laurel
