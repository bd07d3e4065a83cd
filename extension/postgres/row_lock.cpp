#include "row_lock.h"

extern "C" {
#include "access/tableam.h"
}

namespace laurel {

namespace {

[[noreturn]] void
RefuseSerialization() {
    ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                    errmsg("could not serialize access due to concurrent update")));
    pg_unreachable();
}

} // namespace

bool
LockRow(Relation table, TupleTableSlot *slot, Snapshot snapshot) {
    TM_FailureData failure;
    const uint8 flags = IsolationUsesXactSnapshot() ? 0 : TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
    ItemPointerData position = slot->tts_tid;
    switch (table_tuple_lock(table, &position, snapshot, slot, GetCurrentCommandId(false),
                             LockTupleNoKeyExclusive, LockWaitBlock, flags, &failure)) {
    case TM_Ok:
        return true;
    case TM_Updated:
    case TM_Deleted:
        if (IsolationUsesXactSnapshot())
            RefuseSerialization();
        return false;
    default:
        return false;
    }
}

} // namespace laurel
