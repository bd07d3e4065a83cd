// A retention policy as it is run: what is due, and what is held.
#pragma once

#include "postgres/datum.h"

namespace laurel::retention {

// The legal holds in force that can concern a policy's table, as the arrays that its statements compare with.
struct HoldsInForce {
    static constexpr int kColumns = 4; // organizations, users, from, until

    int64 count;
    Datum columns[kColumns];
};

// A row of laurel.retention_policies with what its table can say. Texts are palloc'd.
struct Policy {
    enum Action { Delete, DropPartition, Archive, Anonymise, Nothing };

    const char *table_name;
    Action action;
    const char *time_column; // quoted; null for Nothing
    const char *condition;   // null where there is none
    const char *assignments; // null unless Anonymise
    int64 batch_rows;
    Oid table; // locked until the transaction ends
    Oid owner; // of the table: whoever takes its rows acts as nobody else
    bool is_partitioned;
    bool has_index;      // on the time column
    const char *held;    // SQL over alias t: one of the holds covers the row; null where none is in force
    TimestampTz cut_off; // rows with an earlier time are due
    HoldsInForce holds;
};

// The policy of that name with its table of schema laurel, which is locked in that mode. Errors: 22023 no
// such policy; 42P01 no such table; 42809 a view or whatever else is no table.
Policy LoadPolicy(const char *name, TimestampTz cut_off, LOCKMODE mode);

// Refuses (22023) a name that no policy has.
[[noreturn]] void RefusePolicy(const char *name);

// SQL over alias t with $1 = cut-off: the row is due. Planned so that no index is used where `scan` is true.
const char *DueSql(const Policy &policy, bool scan);

// The same, and no hold keeps the row.
const char *FreeSql(const Policy &policy, bool scan);

// Runs SQL as the table's owner with $1 = cut-off, $2 to $5 the holds and $6 the rows' ctids, where given.
// Returns SPI_processed.
uint64 RunDue(const Policy &policy, const char *sql, Datum rows = 0);

// "schema"."table".
const char *QuotedTable(Oid table);

} // namespace laurel::retention
