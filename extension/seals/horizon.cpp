// Who writes a row holds the table's lock from before the row's time is read until his
// transaction ends. So a row that a snapshot misses is younger than the look at the locks before it, or
// made by one who was seen there, after his transaction began.

#include "seals/horizon.h"

#include "postgres/owner.h"

extern "C" {
#include "access/twophase.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/sinvaladt.h"
#include "utils/backend_status.h"
}

namespace laurel::seals {

namespace {

// Whether nobody runs the transaction, and it is prepared to be committed.
bool
IsPrepared(const VirtualTransactionId &transaction) {
    bool more;
    return VirtualTransactionIdIsRecoveredPreparedXact(transaction) ||
           TransactionIdIsValid(TwoPhaseGetXidByVirtualXID(transaction, &more));
}

// The session that runs a transaction or has run it; null where it is gone.
const PGPROC *
ProcessOf(const VirtualTransactionId &transaction) {
#if PG_VERSION_NUM >= 170000
    return transaction.procNumber == INVALID_PROC_NUMBER ? nullptr
                                                         : ProcNumberGetProc(transaction.procNumber);
#else
    return transaction.backendId == InvalidBackendId ? nullptr : BackendIdGetProc(transaction.backendId);
#endif
}

// Whether the session is still in that transaction.
bool
IsIn(const PGPROC &process, const VirtualTransactionId &transaction) {
#if PG_VERSION_NUM >= 170000
    return process.vxid.lxid == transaction.localTransactionId;
#else
    return process.lxid == transaction.localTransactionId;
#endif
}

const PgBackendStatus &
StatusAt(int index) {
#if PG_VERSION_NUM >= 160000
    return pgstat_get_local_beentry_by_index(index)->backendStatus;
#else
    return pgstat_fetch_stat_local_beentry(index)->backendStatus;
#endif
}

// When a transaction began: never where it has ended by now, which the server says after others see what it
// did; `known` where the session does not tell, as after track_activities was off for a while.
TimestampTz
BeganAt(const PGPROC &process, const VirtualTransactionId &transaction, TimestampTz known) {
    const int count = pgstat_fetch_stat_numbackends();
    for (int index = 1; index <= count; index++) {
        const PgBackendStatus &status = StatusAt(index);
        if (status.st_procpid != process.pid)
            continue;
        if (status.st_state != STATE_DISABLED && status.st_xact_start_timestamp != 0)
            return status.st_xact_start_timestamp;
        return status.st_state == STATE_DISABLED || IsIn(process, transaction) ? known : DT_NOEND;
    }
    return DT_NOEND;
}

} // namespace

TimestampTz
CompleteUntil(Oid table, TimestampTz known) {
    TimestampTz until = GetCurrentTimestamp();
    LOCKTAG tag;
    SET_LOCKTAG_RELATION(tag, MyDatabaseId, table);
    int count = 0;
    const VirtualTransactionId *writers = GetLockConflicts(&tag, ShareLock, &count);
    pgstat_clear_backend_activity_snapshot();
    for (int writer = 0; writer < count; writer++) {
        const PGPROC *process = ProcessOf(writers[writer]);
        if (process != nullptr && (process->statusFlags & PROC_IN_VACUUM))
            continue; // its lock conflicts too, and may last for hours
        const TimestampTz began = process == nullptr ? DT_NOEND : BeganAt(*process, writers[writer], known);
        // Asked last: what is prepared meanwhile is no more what the session runs.
        until = std::min(until, IsPrepared(writers[writer]) ? known : began);
    }
    return until;
}

} // namespace laurel::seals
