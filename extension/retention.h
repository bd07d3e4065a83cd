// A retention policy as it is run: what is due, what is held, and in which steps it goes.
#pragma once

#include "postgres/datum.h"

namespace laurel {

// A row of laurel.retention_policies with what its table can say. Texts are palloc'd.
struct RetentionPolicy {
    enum Action { Delete, DropPartition, Archive, Anonymise, Nothing };

    const char *table_name;
    Action action;
    const char *time_column; // quoted; null for Nothing
    const char *condition;   // null where there is none
    const char *assignments; // null unless Anonymise
    int64 batch_rows;
    Oid table;           // invalid where the table does not exist
    bool has_index;      // on the time column
    const char *held;    // SQL over alias t: an active hold covers the row
    TimestampTz cut_off; // rows with an earlier time are due
};

// The policy of that name, or error 22023.
RetentionPolicy LoadPolicy(const char *name, TimestampTz cut_off);

// SQL over alias t with $1 = cut-off: the row is due. Planned so that no index is used where `scan` is true.
const char *DueSql(const RetentionPolicy &policy, bool scan);

// Whether any hold in force can concern the policy's table.
bool AnyHold(const RetentionPolicy &policy);

// What a step took, or would take.
struct RetentionStep {
    int64 rows = 0;
    int64 held = 0;
    int64 bytes = 0;
    int partitions = 0;
    const char *next = nullptr; // where the next step goes on; null when nothing is left
};

// Takes about policy.batch_rows rows, from `state` on (null: the beginning). Rows that somebody has locked
// are waited for where `patient`, else passed over. Run as the tables' owner, with SPI open and new holds
// locked out.
RetentionStep TakeStep(const RetentionPolicy &policy, const char *state, bool patient);

// Counts what a run would take, or, where `only_held`, what holds keep from it.
RetentionStep CountDue(const RetentionPolicy &policy, bool only_held);

// What TakeStep does for tables whose due months are dropped as a whole, and what CountDue then counts.
RetentionStep DropStep(const RetentionPolicy &policy, const char *state, bool patient);
RetentionStep CountPartitions(const RetentionPolicy &policy, bool only_held);

// A pass over a table's blocks, as a step leaves it to the next one.
struct BlockPass {
    Oid table;
    BlockNumber block;
    BlockNumber end;
    BlockNumber span; // blocks that a step takes
    BlockNumber most; // to which span may grow where little is due

    bool Finished() const { return block >= end; }
    const char *Text() const { return psprintf("%u:%u:%u:%u:%u", table, block, end, span, most); }
};

// The pass that Text() wrote, or error 22023.
BlockPass ParsePass(const char *text);

// A pass over the whole table, its span guessed from the statistics.
BlockPass BeginPass(const RetentionPolicy &policy, Oid table);

// Deletes or anonymises what is due and not held in the pass's next blocks, moves the pass and returns the
// number of rows.
int64 TakeBlocks(const RetentionPolicy &policy, BlockPass *pass, bool patient);

// Bytes that so many rows of the table take, by the statistics.
int64 BytesOf(Oid table, int64 rows);

// Runs SQL with $1 = cut-off. Returns SPI_processed.
uint64 RunDue(const RetentionPolicy &policy, const char *sql);

// "schema"."table".
const char *QuotedTable(Oid table);

} // namespace laurel
