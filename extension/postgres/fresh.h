// Reads what rules depend on as it is committed now, whatever snapshot the transaction has.
#pragma once

#include "owner.h"
#include "spi.h"

namespace laurel {

// For the length of a scope: SPI as the tables' owner, on what is committed now plus this transaction's own
// changes. Run statements with Access::Read in it. In a parallel query the statement's own snapshot has to
// do.
class FreshRead {
public:
    explicit FreshRead(Oid owner) : owner_(owner, SECURITY_RESTRICTED_OPERATION) {
        PushActiveSnapshot(IsInParallelMode() ? GetActiveSnapshot() : GetLatestSnapshot());
    }
    FreshRead(const FreshRead &) = delete;
    FreshRead &operator=(const FreshRead &) = delete;
    ~FreshRead() { PopActiveSnapshot(); }

private:
    AsOwner owner_;
    SpiConnection spi_;
};

} // namespace laurel
