// A retention policy as it is run: what is due, what is held, and in which steps it goes.
#pragma once

#include "postgres/datum.h"

namespace laurel {

// The legal holds in force that can concern a policy's table, as the arrays that its statements compare with.
struct HoldsInForce {
    static constexpr int kColumns = 4; // organizations, users, from, until

    int64 count;
    Datum columns[kColumns];
};

// A row of laurel.retention_policies with what its table can say. Texts are palloc'd.
struct RetentionPolicy {
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
RetentionPolicy LoadPolicy(const char *name, TimestampTz cut_off, LOCKMODE mode);

// Refuses (22023) a name that no policy has.
[[noreturn]] void RefusePolicy(const char *name);

// SQL over alias t with $1 = cut-off: the row is due. Planned so that no index is used where `scan` is true.
const char *DueSql(const RetentionPolicy &policy, bool scan);

// The same, and no hold keeps the row.
const char *FreeSql(const RetentionPolicy &policy, bool scan);

// A pass over a table's blocks, as a step leaves it to the next one.
struct BlockPass {
    Oid table; // also when its blocks are passed: the next table comes after it
    BlockNumber block;
    BlockNumber end;
    BlockNumber span; // blocks that a step takes
    BlockNumber most; // to which span may grow where little is due

    bool Finished() const { return block >= end; }
};

// How far a run has come.
struct RetentionProgress {
    bool has_begun;
    BlockPass pass;
    Uuid organization; // archiving: from which on the next step looks
};

// What a step took, or would take.
struct RetentionStep {
    int64 rows = 0;
    int64 held = 0;
    int64 bytes = 0;
    int partitions = 0;
    int64 failed = 0;            // what failed alone and stays
    const char *error = nullptr; // how the first of them did
    bool more = false;           // something may be left for another step
};

// Counts one more item that failed alone.
void Fail(RetentionStep *step, const ErrorData &error);

// Whether an error ends the whole step: what ends any batch, and a lock that was not to be had.
bool EndsStep(int sqlstate);

// Takes about policy.batch_rows rows where the run has come to, and moves on. Rows that somebody has locked
// are waited for where `patient`, else passed over. Run with SPI open and new holds locked out.
RetentionStep TakeStep(const RetentionPolicy &policy, RetentionProgress *progress, bool patient);

// Counts what a run would take, or, where `only_held`, what holds keep from it.
RetentionStep CountDue(const RetentionPolicy &policy, bool only_held);

// What TakeStep does for tables whose due months are dropped as a whole, and what CountDue then counts.
RetentionStep DropStep(const RetentionPolicy &policy, BlockPass *pass, bool patient);
RetentionStep CountPartitions(const RetentionPolicy &policy, bool only_held);

// A pass over the whole table, its span guessed from the statistics.
BlockPass BeginPass(const RetentionPolicy &policy, Oid table);

// Deletes or anonymises what is due and not held in the pass's next blocks and moves the pass. A row that
// cannot go stays and is counted. The pass is over where the table no longer belongs to the policy's.
void TakeBlocks(const RetentionPolicy &policy, BlockPass *pass, bool patient, RetentionStep *step);

// Locks a table and says whether it is the policy's or a partition of it now, which it then stays.
bool LockLeaf(const RetentionPolicy &policy, Oid table, LOCKMODE mode);

// Deletes the oldest due rows by the index on their time; rows that are locked stay for the next run. Nothing
// where one of them cannot go.
std::optional<int64> TakeByIndex(const RetentionPolicy &policy);

// Bytes that so many rows of the table take, by the statistics.
int64 BytesOf(Oid table, int64 rows);

// Runs SQL as the table's owner with $1 = cut-off, $2 to $5 the holds and $6 the rows' ctids, where given.
// Returns SPI_processed.
uint64 RunDue(const RetentionPolicy &policy, const char *sql, Datum rows = 0);

// "schema"."table".
const char *QuotedTable(Oid table);

} // namespace laurel
