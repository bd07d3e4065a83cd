// Month partitions of tables that are partitioned by a time.
#pragma once

#include "postgres/pg.h"

namespace laurel::guards {

// Makes the partitions of those months that have none and returns how many. `first_days` is an array of
// dates. Run as the table's owner, with SPI open. One session at a time: the others wait for its transaction.
int CreateMonths(Oid parent, Datum first_days);

} // namespace laurel::guards
