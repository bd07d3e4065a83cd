// What is remembered about callers between statements; used by access only.
#pragma once

#include "access/named_organization.h"
#include "access/roles.h"

namespace laurel::access {

// What a set of claims says, and what the tables say about that user.
struct CallerEntry {
    MemoryContext memory; // holds everything below; reset at each reload
    char *claims;
    uint64 used;            // when it was last asked for
    uint64 access_epoch;    // of the memberships and roles
    uint64 following_epoch; // of the visible users, for callers with a trainer or manager role
    bool loaded;
    bool known;
    Uuid user;
    NamedOrganization named; // by claim org_id
    bool platform_admin;
    Membership *memberships;
    int membership_count;
    bool has_visible;
    Uuid visible_organization;
    Uuid *visible;
    bool *trained; // of each visible user, whether an active beneficiary whose trainer this is
    int visible_count;
    int *visible_slots; // hash table of positions in `visible`, at most half full
    uint32 visible_mask;
};

// Where to begin looking for a user in a table of that mask. Ids may be counters that differ in any byte, so
// every bit reaches all others: the finalizer of MurmurHash3 (Appleby, public domain) over the two halves.
inline uint32
VisibleSlot(const Uuid &user, uint32 mask) {
    uint64 bits, low;
    std::memcpy(&bits, user.bytes, sizeof(bits));
    std::memcpy(&low, user.bytes + sizeof(bits), sizeof(low));
    bits = (bits ^ (bits >> 33)) * 0xff51afd7ed558ccd ^ low;
    bits = (bits ^ (bits >> 33)) * 0xc4ceb9fe1a85ec53;
    return static_cast<uint32>(bits ^ (bits >> 33)) & mask;
}

// Counts the changes of memberships and roles, and of who follows whom, that this session has noticed.
struct Epochs {
    uint64 access = 1;
    uint64 following = 1;
};

const Epochs &CurrentEpochs();

// The entry for these claims, without looking at tables; null where this session has not met them.
CallerEntry *FindEntry(const char *claims);

// The entry for these claims with its memberships as they are now. `known` is what FindEntry has found for
// them; where that is null, other entries may be forgotten.
CallerEntry *LoadedEntry(CallerEntry *known, const char *claims);

// Fills in whom the entry's user may see in that organization.
void LoadVisible(CallerEntry *entry, const Uuid &organization, uint32 roles);

bool IsFresh(const CallerEntry &entry);

void InitCallerMemory(void (*changed)());

} // namespace laurel::access
