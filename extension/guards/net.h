// What a statement changes in the counts of many rows: one difference for each.
#pragma once

#include "postgres/datum.h"

namespace laurel::guards {

// A row that counts others, by its organization and its key.
struct Counted {
    Uuid organization;
    Uuid key;

    friend bool operator==(const Counted &a, const Counted &b) {
        return std::memcmp(&a, &b, sizeof(Counted)) == 0;
    }
    friend bool operator<(const Counted &a, const Counted &b) {
        return std::memcmp(&a, &b, sizeof(Counted)) < 0;
    }
};

static_assert(sizeof(Counted) == 2 * sizeof(Uuid));

struct Difference {
    Counted row;
    int64 by;
};

// Differences by row. Takes as much memory as there are different rows, in the context it was made in.
class Net {
public:
    Net() : memory_(CurrentMemoryContext) {}
    explicit Net(MemoryContext memory) : memory_(memory) {}

    void Add(const Counted &row, int64 by);

    // Brings them in the order in which rows are locked, one for each row; rows without a difference are left
    // out unless they are asked for.
    void Settle(bool with_zeros = false);

    // Once settled.
    const Difference *begin() const { return items_; }
    const Difference *end() const { return items_ + count_; }

private:
    void Merge();
    void Grow();

    MemoryContext memory_;
    Difference *items_ = nullptr;
    size_t count_ = 0;
    size_t capacity_ = 0;
};

} // namespace laurel::guards
