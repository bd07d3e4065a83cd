// Locks of Laurel's own, which no SQL takes: advisory locks are everybody's, so that whoever may run SQL
// could keep a job from ever running.
#pragma once

#include "pg.h"

namespace laurel {

// What sessions of the database agree about. Of those of an organization or a user there are many locks.
enum class OwnLock : uint32 {
    Migration = 1,
    Retention = 2,
    Holds = 3,
    AnyHold = 4,
    HoldsOfOrganization = 5,
    HoldsOfUser = 6,
    PeriodsOfOrganization = 7,
    EdgesOfOrganization = 8,
    Ranks = 9,
    Seals = 10,
    Apis = 11,
    FirstAnswers = 12,
    AuditSeals = 13,
    BuddiesOfOrganization = 14,
    Assignments = 15,
    AssignedLearning = 16,
    TrainersTime = 17,
    RoomsTime = 18,
    BeneficiariesTime = 19
};

// Waits for the lock and keeps it until the transaction ends.
void LockUntilEnd(OwnLock lock, LOCKMODE mode = ExclusiveLock);

// The same for the lock that a user shares with some others: a transaction that takes one for each of very
// many holds a thousand at most.
void LockUserUntilEnd(OwnLock lock, const pg_uuid_t *id, LOCKMODE mode);

// The same for an organization's own: nobody may keep another organization waiting. A statement over more
// organizations than max_locks_per_transaction times connections fails (53200), as one over as many tables.
void LockOrganizationUntilEnd(OwnLock lock, const pg_uuid_t *id, LOCKMODE mode);

// The locks of many organizations, which everybody takes in the same order.
class OrganizationLocks {
public:
    explicit OrganizationLocks(size_t capacity);
    void Add(const pg_uuid_t *id);
    void TakeUntilEnd(OwnLock lock, LOCKMODE mode);

private:
    uint32 *hashes_;
    size_t count_ = 0;
};

// The locks of many users, which everybody takes in the same order.
class UserLocks {
public:
    explicit UserLocks(size_t capacity);
    void Add(const pg_uuid_t *id);
    void TakeUntilEnd(OwnLock lock, LOCKMODE mode);

private:
    uint16 *parts_;
    size_t count_ = 0;
};

// Takes the lock without waiting, for as long as the session does not unlock it and no transaction of it
// aborts; an error that is caught in a subtransaction keeps it. True where the session has it, before or now.
bool TryLockForSession(OwnLock lock);

// Whether this session has the lock.
bool HasLock(OwnLock lock);

// Gives back what TryLockForSession took; does nothing where there is nothing to give back.
void UnlockForSession(OwnLock lock);

} // namespace laurel
