#include "own_lock.h"

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
constexpr uint16 kPart = 1, kRowParts = 1024;

LOCKTAG
TagOf(OwnLock lock, uint16 part = kPart) {
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, ExtensionRelationId, static_cast<Oid>(lock), part);
    return tag;
}

uint16
PartOf(const pg_uuid_t *id) {
    return hash_bytes(id->data, UUID_LEN) % kRowParts;
}

void
LockPartUntilEnd(OwnLock lock, uint16 part, LOCKMODE mode) {
    const LOCKTAG tag = TagOf(lock, kPart + part);
    LockAcquire(&tag, mode, false, false);
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
LockRowUntilEnd(OwnLock lock, const pg_uuid_t *id, LOCKMODE mode) {
    LockPartUntilEnd(lock, PartOf(id), mode);
}

void
RowLocks::Add(const pg_uuid_t *id) {
    parts_.set(PartOf(id));
}

void
RowLocks::TakeUntilEnd(OwnLock lock, LOCKMODE mode) const {
    for (uint16 part = 0; part < kRowParts; part++)
        if (parts_.test(part))
            LockPartUntilEnd(lock, part, mode);
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
