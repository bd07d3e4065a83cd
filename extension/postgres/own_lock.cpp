#include "own_lock.h"

extern "C" {
#include "catalog/pg_extension_d.h"
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
