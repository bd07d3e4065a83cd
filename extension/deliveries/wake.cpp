#include "deliveries/wake.h"

#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

Statement wake = Statement(R"(SELECT pg_catalog.pg_notify('laurel_deliveries', '') FROM ONLY laurel.workers
        WHERE idle AND seen_at > pg_catalog.clock_timestamp() - interval '1 minute' LIMIT 1)")
                     .Returns(VOIDOID);

} // namespace

void
WakeWorkers() {
    wake.Run(Access::Write);
}

} // namespace laurel::deliveries
