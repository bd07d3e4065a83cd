// What laurel.create_api() cannot do in SQL.

#include "postgres/bridge.h"
#include "postgres/own_lock.h"

namespace laurel {

// laurel_internal.lock_apis()
LAUREL_FUNCTION(laurel_lock_apis) {
    LockUntilEnd(OwnLock::Apis);
    PG_RETURN_VOID();
}

} // namespace laurel
