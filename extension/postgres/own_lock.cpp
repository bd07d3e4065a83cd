#include "own_lock.h"

#include "list.h"

extern "C" {
#include "common/hashfn.h"
#include "catalog/pg_extension_d.h"
#include "storage/ipc.h"
#include "storage/lock.h"
}

namespace laurel {

namespace {

// Parts of an extension that no extension has: what the server itself locks there has part 0, and SQL cannot
// name one.
constexpr uint16 kPart = 1, kUserParts = 1024, kOrganizationPart = 2000;

LOCKTAG
TagOf(OwnLock lock, uint16 part = kPart) {
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, ExtensionRelationId, static_cast<Oid>(lock), part);
    return tag;
}

uint32
HashOf(const pg_uuid_t *id) {
    return hash_bytes(id->data, UUID_LEN);
}

void
LockOrganization(OwnLock lock, uint32 hash, LOCKMODE mode) {
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, ExtensionRelationId, hash,
                       kOrganizationPart + static_cast<uint16>(lock));
    LockAcquire(&tag, mode, false, false);
}

uint16
UserPart(const pg_uuid_t *id) {
    return static_cast<uint16>(kPart + HashOf(id) % kUserParts);
}

// Only aborting gives such a lock back by itself; one that a session keeps would outlive it, and its
// successor too.
void
ReleaseAtExit(int, Datum) {
    for (const OwnLock lock : {OwnLock::Migration, OwnLock::Retention})
        UnlockForSession(lock);
}

} // namespace

void
LockUntilEnd(OwnLock lock, LOCKMODE mode) {
    const LOCKTAG tag = TagOf(lock);
    LockAcquire(&tag, mode, false, false);
}

void
LockUserUntilEnd(OwnLock lock, const pg_uuid_t *id, LOCKMODE mode) {
    const LOCKTAG tag = TagOf(lock, UserPart(id));
    LockAcquire(&tag, mode, false, false);
}

UserLocks::UserLocks(size_t capacity) : parts_(NewList<uint16>(capacity)) {}

void
UserLocks::Add(const pg_uuid_t *id) {
    parts_[count_++] = UserPart(id);
}

void
UserLocks::TakeUntilEnd(OwnLock lock, LOCKMODE mode) {
    std::sort(parts_, parts_ + count_);
    const uint16 *end = std::unique(parts_, parts_ + count_);
    for (const uint16 *part = parts_; part < end; part++) {
        const LOCKTAG tag = TagOf(lock, *part);
        LockAcquire(&tag, mode, false, false);
    }
}

void
LockOrganizationUntilEnd(OwnLock lock, const pg_uuid_t *id, LOCKMODE mode) {
    LockOrganization(lock, HashOf(id), mode);
}

OrganizationLocks::OrganizationLocks(size_t capacity) : hashes_(NewList<uint32>(capacity)) {}

void
OrganizationLocks::Add(const pg_uuid_t *id) {
    hashes_[count_++] = HashOf(id);
}

void
OrganizationLocks::TakeUntilEnd(OwnLock lock, LOCKMODE mode) {
    std::sort(hashes_, hashes_ + count_);
    const uint32 *end = std::unique(hashes_, hashes_ + count_);
    for (const uint32 *hash = hashes_; hash < end; hash++)
        LockOrganization(lock, *hash, mode);
}

bool
TryLockForSession(OwnLock lock) {
    if (HasLock(lock))
        return true;
    static bool released_at_exit = false;
    if (!std::exchange(released_at_exit, true))
        before_shmem_exit(ReleaseAtExit, 0);
    const LOCKTAG tag = TagOf(lock);
    return LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL;
}

bool
HasLock(OwnLock lock) {
    const LOCKTAG tag = TagOf(lock);
#if PG_VERSION_NUM >= 170000
    return LockHeldByMe(&tag, ExclusiveLock, false);
#else
    return LockHeldByMe(&tag, ExclusiveLock);
#endif
}

void
UnlockForSession(OwnLock lock) {
    if (!HasLock(lock))
        return;
    const LOCKTAG tag = TagOf(lock);
    LockRelease(&tag, ExclusiveLock, true);
}

} // namespace laurel
