// Month partitions of tables that are partitioned by a time.
#pragma once

#include "postgres/pg.h"

namespace laurel::guards {

// Makes the partitions of those months that have none and returns how many. `first_days` is an array of
// dates. Run as the table's owner, with SPI open. One session at a time: the others wait for its transaction.
int CreateMonths(Oid parent, Datum first_days);

// The month of a table whose partition this session has seen, as year * 12 + month.
struct SeenMonth {
    int month = 0;
};

// Makes the partition of that moment's month where there is none, which a scheduler should have made long
// before. Run as the table's owner, with SPI open.
void EnsureMonth(Oid parent, TimestampTz at, SeenMonth *seen);

} // namespace laurel::guards
