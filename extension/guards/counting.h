// A counter: how many rows of one table belong to each row of another, or what they come to.
#pragma once

#include "guards/condition.h"
#include "guards/indexed_row.h"
#include "guards/net.h"
#include "guards/rules.h"

namespace laurel::guards {

// What counts: the arguments parent, counter, key, child, link, condition, amount of each trigger of a
// counter.
struct Counting {
    static constexpr int kArguments = 7;

    explicit Counting(Arguments &arguments);

    Oid owner;
    Oid parent; // whose rows count
    TableName parent_name;
    GuardedColumn counter; // the column that says how many
    GuardedColumn key;     // what identifies a parent in its organization
    UniqueIndex by_key;    // with the organization
    Oid child;             // whose rows are counted
    bool child_has_heirs;  // tables that inherit from it, whose rows do not count
    // Of a row that the trigger sees, which may be a partition's.
    GuardedColumn organization;
    GuardedColumn link;
    Condition condition;
    Amount amount;

    Statement lock;
    Statement write_one;
    Statement write_many;
    Statement call_pending;  // writes nothing, but fires the trigger that does
    Statement find_wrong;    // of all parents
    Statement find_wrong_of; // of those given
};

// Notes what parents gain or lose by rows; made for one statement, as the owner.
class RowCounter {
public:
    RowCounter(Net *net, const Counting &counting)
        : net_(net), counting_(counting), test_(counting.condition), amount_(counting.amount) {}

    // Counts a row that has come (1) or gone (-1).
    void Add(TupleTableSlot *row, int64 sign);

private:
    Net *net_;
    const Counting &counting_;
    ConditionTest test_;
    AmountReader amount_;
};

// Writes differences to the counters: organization by organization, parents locked in order, one UPDATE. A
// parent that is gone counts nothing. Run as the owner, with SPI open.
void WriteCounts(Counting &counting, Net *net);

// Keeps what rows have counted that retention takes: the counters stay as they are. Run as WriteCounts.
void RetainCounts(Counting &counting, Net *net);

// Finds the parents whose counter is not what rows and retained counts come to, and gives how many: rows of
// organization, key, what it is and what it should be. Where access is Read, all of one moment. Run as the
// owner, with SPI open and no path but pg_catalog.
uint64 FindWrongCounts(Counting &counting, Access access);

// Counts those parents anew, whatever the differences.
void RecountOf(Counting &counting, Net *net);

// Counts all parents anew, while nobody writes what is counted.
void RecountAll(Counting &counting);

} // namespace laurel::guards
