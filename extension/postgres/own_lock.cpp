#include "own_lock.h"

extern "C" {
#include "catalog/pg_extension_d.h"
#include "storage/ipc.h"
#include "storage/lock.h"
}

namespace laurel {

namespace {

// A part of an extension that no extension has: what the server itself locks there has part 0, and SQL cannot
// name it.
constexpr uint16 kPart = 1;

LOCKTAG
TagOf(OwnLock lock) {
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, ExtensionRelationId, static_cast<Oid>(lock), kPart);
    return tag;
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
LockUntilEnd(OwnLock lock) {
    const LOCKTAG tag = TagOf(lock);
    LockAcquire(&tag, ExclusiveLock, false, false);
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
