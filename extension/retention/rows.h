// The rows of one table that are due.
#pragma once

#include "retention/policy.h"
#include "retention/tally.h"

namespace laurel::retention {

// A pass over a table's blocks, as a step leaves it to the next one.
struct BlockPass {
    Oid table; // also when its blocks are passed: the next table comes after it
    BlockNumber block;
    BlockNumber end;
    BlockNumber span; // blocks that a tally takes
    BlockNumber most; // to which span may grow where little is due

    bool Finished() const { return block >= end; }
    friend bool operator==(const BlockPass &, const BlockPass &) = default;
};

// A pass over the whole table, its span guessed from the statistics.
BlockPass BeginPass(const Policy &policy, Oid table);

// Deletes or anonymises what is due and not held in the pass's next blocks and moves the pass. A row that
// cannot go stays and is counted. The pass is over where the table no longer belongs to the policy's.
void TakeBlocks(const Policy &policy, BlockPass *pass, bool patient, Tally *tally);

// Locks a table and says whether it is the policy's or a partition of it now, which it then stays.
bool LockLeaf(const Policy &policy, Oid table, LOCKMODE mode);

// Deletes the oldest due rows by the index on their time; rows that are locked stay for the next run. False
// where a pass must follow: more may be due, or one of them cannot go.
bool TakeByIndex(const Policy &policy, Tally *tally);

} // namespace laurel::retention
