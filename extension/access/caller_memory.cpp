#include "access/caller_memory.h"

#include "postgres/bridge.h"
#include "postgres/fresh.h"
#include "postgres/list.h"
#include "postgres/relation_changes.h"
#include "postgres/trigger.h"

namespace laurel::access {

namespace {

constexpr int kMaxEntries = 256; // places; at most three in four are taken
constexpr Size kMostBytes = 16 * 1024 * 1024;
constexpr size_t kMostOfIdentity = 255 * 4; // bytes of provider and subject
constexpr uint64 kNoEpoch = UINT64_MAX;
constexpr uint32 kFollowers = kTrainer | kManager;

Statement memberships_of =
    Statement(R"(SELECT m.organization_id, m.organization_id = u.organization_id, o.is_active, r.role
        FROM ONLY laurel.users u JOIN ONLY laurel.user_organizations m ON m.user_id = u.id
        JOIN ONLY laurel.organizations o ON o.id = m.organization_id
        LEFT JOIN ONLY laurel.user_roles r ON r.organization_id = m.organization_id AND r.user_id = m.user_id
        WHERE u.id = $1 AND u.is_active)",
              UUIDOID)
        .Returns(UUIDOID, BOOLOID, BOOLOID, TEXTOID);

Statement visible_to = Statement(
                           R"(SELECT v.id, pg_catalog.bool_or(v.trained) FROM (
            SELECT $2, false UNION ALL
            SELECT e.user_id, false FROM ONLY laurel.courses c
            JOIN ONLY laurel.enrollments e ON e.organization_id = c.organization_id AND e.course_id = c.id
            WHERE $3 AND c.organization_id = $1 AND c.trainer_id = $2 UNION ALL
            SELECT b.user_id, true FROM ONLY laurel.beneficiaries b
            WHERE $3 AND b.organization_id = $1 AND b.trainer_id = $2 AND b.status = 'active' UNION ALL
            SELECT u.id, false FROM ONLY laurel.users u
            JOIN ONLY laurel.user_organizations m ON m.organization_id = $1 AND m.user_id = u.id
            WHERE $4 AND u.manager_id = $2) v (id, trained)
        GROUP BY v.id ORDER BY v.id)",
                           UUIDOID, UUIDOID, BOOLOID, BOOLOID)
                           .Returns(UUIDOID, BOOLOID);

Statement identity_of =
    Statement("SELECT user_id FROM ONLY laurel.user_identities WHERE provider = $1 AND subject = $2", TEXTOID,
              TEXTOID)
        .Returns(UUIDOID);

constinit Epochs epochs;
using Notify = void (*)();
constinit Notify on_change = nullptr;
constinit Oid access_signal = InvalidOid;
constinit Oid following_signal = InvalidOid;
constinit MemoryContext memory = nullptr;
constinit CallerEntry *entries[kMaxEntries] = {};
constinit int entry_count = 0;
constinit uint64 uses = 0;

void
NoticeRelation(Oid relation) {
    const bool access = relation == InvalidOid || relation == access_signal;
    const bool following = relation == InvalidOid || relation == following_signal;
    if (!access && !following)
        return;
    epochs.access += access;
    epochs.following += following;
    on_change();
}

uint32
SlotOf(const char *claims) {
    return string_hash(claims, SIZE_MAX) % kMaxEntries;
}

CallerEntry *
NewEntry(const char *claims) {
    auto *entry = static_cast<CallerEntry *>(MemoryContextAllocZero(memory, sizeof(CallerEntry)));
    entry->claims = MemoryContextStrdup(memory, claims);
    entry->memory = AllocSetContextCreate(memory, "laurel caller", ALLOCSET_SMALL_SIZES);
    return entry;
}

void
Place(CallerEntry *entry) {
    uint32 slot = SlotOf(entry->claims);
    while (entries[slot] != nullptr)
        slot = (slot + 1) % kMaxEntries;
    entries[slot] = entry;
    entry_count++;
}

void
Free(CallerEntry *entry) {
    MemoryContextDelete(entry->memory);
    pfree(entry->claims);
    pfree(entry);
}

bool
IsFull() {
    return entry_count >= kMaxEntries * 3 / 4 || MemoryContextMemAllocated(memory, true) > kMostBytes;
}

// Forgets who was asked for longest ago, until half of the room is free: a session that meets ever new claims
// stays small.
void
ForgetLeastUsed() {
    CallerEntry *known[kMaxEntries];
    CallerEntry **end = std::remove_copy(entries, entries + kMaxEntries, known, nullptr);
    std::sort(known, end, [](const CallerEntry *a, const CallerEntry *b) { return a->used > b->used; });
    while (end > known &&
           (end - known > kMaxEntries / 2 || MemoryContextMemAllocated(memory, true) > kMostBytes / 2))
        Free(*--end);
    std::memset(entries, 0, sizeof(entries));
    entry_count = 0;
    std::for_each(known, end, Place);
    on_change();
}

CallerEntry *
FindOrAdd(const char *claims) {
    CallerEntry *found = FindEntry(claims);
    if (found != nullptr)
        return found;
    if (IsFull())
        ForgetLeastUsed();
    CallerEntry *entry = NewEntry(claims);
    entry->used = ++uses;
    Place(entry);
    return entry;
}

bool
ClaimedUuid(const char *claims, const char *key, Uuid *uuid) {
    char text[64];
    size_t length;
    return kernel::ClaimText(claims, key, text, sizeof(text), &length) &&
           kernel::ParseUuid({text, length}, uuid->bytes);
}

// A claim that is a text, as a parameter; false where it is none, or longer than user_identities has it.
bool
ClaimedText(const char *claims, const char *key, Datum *text) {
    char bytes[kMostOfIdentity];
    size_t length;
    if (!kernel::ClaimText(claims, key, bytes, sizeof(bytes), &length))
        return false;
    *text = FromText({bytes, length});
    return true;
}

// Whose account it is that the claims `iss` and `sub` name, where identity providers have ids of their own.
bool
IdentifiedUser(const char *claims, Uuid *user) {
    Datum issuer, subject;
    if (!ClaimedText(claims, "sub", &subject) || !ClaimedText(claims, "iss", &issuer))
        return false;
    const FreshRead fresh(OwnerOf(TableOid("user_identities")));
    if (identity_of.Run(Access::Read, {issuer, subject}) == 0)
        return false;
    *user = ToUuid(Field(0, 1));
    return true;
}

// One row of memberships_of: a membership with one of its roles.
Membership
ReadMembership(uint64 row_number) {
    Row row(row_number);
    Membership membership = {ToUuid(row.Next()), kLearner, DatumGetBool(row.Next()),
                             DatumGetBool(row.Next())};
    bool no_role;
    const Datum role = row.Next(&no_role);
    if (!no_role)
        membership.roles |= RoleNamed(ToText(role));
    return membership;
}

// Makes one of all rows of an organization, in order of organizations. Returns the end.
Membership *
Merge(Membership *begin, Membership *end) {
    std::sort(begin, end,
              [](const Membership &a, const Membership &b) { return a.organization < b.organization; });
    Membership *last = begin;
    for (Membership *next = begin; next != end; next++) {
        if (!(next->organization == last->organization))
            *++last = *next;
        last->roles |= next->roles;
    }
    return begin == end ? end : last + 1;
}

// An organization that is not active is nobody's but a platform administrator's.
void
LoadMemberships(CallerEntry *entry) {
    const FreshRead fresh(OwnerOf(TableOid("user_organizations")));
    const uint64 rows = memberships_of.Run(Access::Read, {FromUuid(entry->user)});
    entry->memberships =
        static_cast<Membership *>(MemoryContextAlloc(entry->memory, sizeof(Membership) * (rows + 1)));
    Membership *end = entry->memberships;
    for (uint64 row = 0; row < rows; row++)
        *end++ = ReadMembership(row);
    end = Merge(entry->memberships, end);
    entry->platform_admin = std::any_of(entry->memberships, end, [](const Membership &membership) {
        return (membership.roles & kPlatformAdmin) != 0;
    });
    if (!entry->platform_admin)
        end = std::remove_if(entry->memberships, end,
                             [](const Membership &membership) { return !membership.is_active; });
    entry->membership_count = static_cast<int>(end - entry->memberships);
}

// Reads claims and tables anew; an error leaves the entry not loaded.
void
Reload(CallerEntry *entry) {
    MemoryContextReset(entry->memory);
    char *claims = entry->claims;
    MemoryContext context = entry->memory;
    const uint64 used = entry->used;
    *entry = {};
    entry->claims = claims;
    entry->memory = context;
    entry->used = used;
    access_signal = TableOid("access_changes", "laurel_internal");
    following_signal = TableOid("following_changes", "laurel_internal");
    entry->access_epoch = epochs.access;
    entry->known = ClaimedUuid(claims, "sub", &entry->user) || IdentifiedUser(claims, &entry->user);
    entry->named = ReadNamed(claims, "org_id");
    if (entry->known)
        LoadMemberships(entry);
    // In a parallel worker the snapshot may be old, so what was read serves one statement only.
    entry->loaded = !IsInParallelMode() || IsParallelWorker();
}

void
MakeRoom(CallerEntry *entry, uint64 count) {
    auto *visible = NewList<Uuid>(count, entry->memory);
    auto *trained = NewList<bool>(count, entry->memory);
    if (entry->visible != nullptr) {
        pfree(entry->visible);
        pfree(entry->trained);
    }
    entry->visible = visible;
    entry->trained = trained;
    entry->visible_count = static_cast<int>(count);
}

// Who has nobody to follow sees nobody else, and no table is asked.
void
FollowNobody(CallerEntry *entry) {
    MakeRoom(entry, 1);
    entry->visible[0] = entry->user;
    entry->trained[0] = false;
}

void
ReadFollowed(CallerEntry *entry, const Uuid &organization, uint32 roles) {
    const FreshRead fresh(OwnerOf(TableOid("user_organizations")));
    const Datum values[] = {FromUuid(organization), FromUuid(entry->user), BoolGetDatum(roles & kTrainer),
                            BoolGetDatum(roles & kManager)};
    const uint64 rows = visible_to.Run(Access::Read, values);
    MakeRoom(entry, rows);
    for (uint64 row = 0; row < rows; row++) {
        entry->visible[row] = ToUuid(Field(row, 1));
        entry->trained[row] = DatumGetBool(Field(row, 2));
    }
}

// Makes the hash table that can_see looks into.
void
HashVisible(CallerEntry *entry) {
    const uint32 size = std::bit_ceil(static_cast<uint32>(entry->visible_count) * 2);
    int *slots = NewList<int>(size, entry->memory);
    if (entry->visible_slots != nullptr)
        pfree(entry->visible_slots);
    entry->visible_slots = slots;
    entry->visible_mask = size - 1;
    std::fill_n(entry->visible_slots, size, -1);
    for (int i = 0; i < entry->visible_count; i++) {
        uint32 slot = VisibleSlot(entry->visible[i], entry->visible_mask);
        while (entry->visible_slots[slot] >= 0)
            slot = (slot + 1) & entry->visible_mask;
        entry->visible_slots[slot] = i;
    }
}

// Tells every session that what callers may see has changed. Argument: the signal table's name.
Datum
Signal(const TriggerData *trigger) {
    CacheInvalidateRelcacheByRelid(TableOid(trigger->tg_trigger->tgargs[0], "laurel_internal"));
    return PointerGetDatum(nullptr);
}

} // namespace

const Epochs &
CurrentEpochs() {
    return epochs;
}

CallerEntry *
FindEntry(const char *claims) {
    for (uint32 slot = SlotOf(claims); entries[slot] != nullptr; slot = (slot + 1) % kMaxEntries)
        if (strcmp(entries[slot]->claims, claims) == 0) {
            entries[slot]->used = ++uses;
            return entries[slot];
        }
    return nullptr;
}

bool
IsFresh(const CallerEntry &entry) {
    return entry.loaded && entry.access_epoch == epochs.access &&
           (!entry.has_visible || entry.following_epoch == 0 || entry.following_epoch == epochs.following);
}

CallerEntry *
LoadedEntry(CallerEntry *known, const char *claims) {
    CallerEntry *entry = known != nullptr ? known : FindOrAdd(claims);
    if (!entry->loaded || entry->access_epoch != epochs.access)
        Reload(entry);
    return entry;
}

void
LoadVisible(CallerEntry *entry, const Uuid &organization, uint32 roles) {
    const bool follows = (roles & kFollowers) != 0;
    const uint64 epoch = follows ? epochs.following : 0;
    if (entry->has_visible && entry->visible_organization == organization && entry->following_epoch == epoch)
        return;
    entry->has_visible = false;
    if (follows)
        ReadFollowed(entry, organization, roles);
    else
        FollowNobody(entry);
    HashVisible(entry);
    entry->visible_organization = organization;
    // In a parallel query's leader the snapshot may be old: good for this statement only.
    entry->following_epoch = follows && IsInParallelMode() && !IsParallelWorker() ? kNoEpoch : epoch;
    entry->has_visible = true;
}

void
InitCallerMemory(void (*changed)()) {
    on_change = changed;
    memory = AllocSetContextCreate(TopMemoryContext, "laurel callers", ALLOCSET_DEFAULT_SIZES);
    WhenRelationChanges(NoticeRelation);
}

// laurel_internal.signal_change()
LAUREL_FUNCTION(laurel_signal_change) {
    constexpr TriggerSpec spec = {
        "signal_change", TriggerSpec::After, TriggerSpec::EachStatement,
        TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete | TriggerSpec::Truncate, 1};
    return Signal(CheckTrigger(fcinfo, spec));
}

// laurel_internal.signal_applied_change(): the same for changes that come from another server, row by row.
LAUREL_FUNCTION(laurel_signal_applied_change) {
    constexpr TriggerSpec spec = {"signal_applied_change", TriggerSpec::After, TriggerSpec::EachRow,
                                  TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete, 1};
    return Signal(CheckTrigger(fcinfo, spec));
}

} // namespace laurel::access
