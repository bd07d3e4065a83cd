// Locks of Laurel's own, which no SQL takes: advisory locks are everybody's, so that whoever may run SQL could
// keep a job from ever running.
#pragma once

#include "pg.h"

namespace laurel {

// What only one session in the database does at a time.
enum class OwnLock : uint32 { Migration = 1, Retention = 2 };

// Waits for the lock and keeps it until the transaction ends.
void LockUntilEnd(OwnLock lock);

// Takes the lock without waiting, for as long as the session does not unlock it and no transaction of it
// aborts; an error that is caught in a subtransaction keeps it. True where the session has it, before or now.
bool TryLockForSession(OwnLock lock);

// Whether this session has the lock.
bool HasLock(OwnLock lock);

// Gives back what TryLockForSession took; does nothing where there is nothing to give back.
void UnlockForSession(OwnLock lock);

} // namespace laurel
