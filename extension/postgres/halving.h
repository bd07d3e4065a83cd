// A batch of which one bad item fails alone: one subtransaction for the whole, halved until the bad item
// stands alone. One subtransaction for each item would overflow the server's cache of 64 and slow everybody.
#pragma once

#include "bridge.h"

namespace laurel {

// Runs code in a subtransaction. Returns the error that undid it, or null where it was kept. C++ objects that
// the code leaves behind are not destroyed by an error, but what they changed is undone.
template <typename Fn>
ErrorData *
InSubtransaction(Fn &&run) {
    const MemoryContext context = CurrentMemoryContext;
    const ResourceOwner owner = CurrentResourceOwner;
    ErrorData *error = nullptr;
    BeginInternalSubTransaction(nullptr);
    MemoryContextSwitchTo(context);
    try {
        guard([&run] { boundary([&run] { run(); }); });
    } catch (const PostgresError &raised) {
        error = raised.data();
    }
    if (error == nullptr)
        ReleaseCurrentSubTransaction();
    else
        RollbackAndReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(context);
    CurrentResourceOwner = owner;
    return error;
}

// Whether an error concerns the whole batch, not an item of it: cancelled or shut down, deadlocked or not
// serializable, out of memory or disk, a transaction that may not write.
inline bool
StopsBatch(int sqlstate) {
    constexpr int kCategories[] = {ERRCODE_OPERATOR_INTERVENTION, ERRCODE_TRANSACTION_ROLLBACK,
                                   ERRCODE_INSUFFICIENT_RESOURCES, ERRCODE_SYSTEM_ERROR,
                                   ERRCODE_INVALID_TRANSACTION_STATE};
    const auto *end = std::end(kCategories);
    return std::find(std::begin(kCategories), end, ERRCODE_TO_CATEGORY(sqlstate)) != end;
}

// Calls run(first, count) for the items from `first` on, and failed(item, error) for each item that fails
// alone, outside of what was undone. An error for which `stops` holds is raised.
template <typename Run, typename Failed>
void
RunHalving(int64 first, int64 count, Run &&run, Failed &&failed, bool (*stops)(int) = StopsBatch) {
    if (count <= 0)
        return;
    ErrorData *error = InSubtransaction([&run, first, count] { run(first, count); });
    if (error == nullptr)
        return;
    if (stops(error->sqlerrcode))
        ReThrowError(error);
    if (count == 1) {
        failed(first, error);
        return;
    }
    FreeErrorData(error);
    const int64 half = count / 2;
    RunHalving(first, half, run, failed, stops);
    RunHalving(first + half, count - half, run, failed, stops);
}

} // namespace laurel
