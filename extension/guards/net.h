// What a statement changes in the sums of many rows: one difference for each.
#pragma once

#include "postgres/error.h"

extern "C" {
#include "common/int.h"
}

namespace laurel::guards {

// Both sums, or error 22003.
inline int64
Sum(int64 a, int64 b) {
    int64 sum;
    if (pg_add_s64_overflow(a, b, &sum))
        Refuse({.sqlstate = ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, .message = "bigint out of range"});
    return sum;
}

template <typename Key> struct DifferenceOf {
    Key row;
    int64 by;
};

// Differences by key, which is compared and ordered byte by byte. Takes as much memory as there are different
// keys, in the context it was made in.
template <typename Key> class NetOf {
public:
    NetOf() : memory_(CurrentMemoryContext) {}
    explicit NetOf(MemoryContext memory) : memory_(memory) {}

    void Add(const Key &key, int64 by) {
        if (count_ > 0 && Compare(items_[count_ - 1].row, key) == 0) {
            items_[count_ - 1].by = Sum(items_[count_ - 1].by, by);
            return;
        }
        if (count_ == capacity_)
            Grow();
        items_[count_++] = {key, by};
    }

    // Brings them in the order in which rows are locked, one for each key; keys without a difference are left
    // out unless they are asked for.
    void Settle(bool with_zeros = false) {
        Merge();
        if (with_zeros || count_ == 0)
            return;
        const auto *end = std::remove_if(items_, items_ + count_,
                                         [](const DifferenceOf<Key> &item) { return item.by == 0; });
        count_ = static_cast<size_t>(end - items_);
    }

    // Once settled.
    const DifferenceOf<Key> *begin() const { return items_; }
    const DifferenceOf<Key> *end() const { return items_ + count_; }

private:
    static constexpr size_t kFirstCapacity = 16;

    static int Compare(const Key &a, const Key &b) { return std::memcmp(&a, &b, sizeof(Key)); }

    void Merge() {
        if (count_ < 2)
            return;
        std::sort(items_, items_ + count_, [](const DifferenceOf<Key> &a, const DifferenceOf<Key> &b) {
            return Compare(a.row, b.row) < 0;
        });
        DifferenceOf<Key> *last = items_;
        for (const DifferenceOf<Key> *next = items_ + 1; next < items_ + count_; next++) {
            if (Compare(next->row, last->row) == 0)
                last->by = Sum(last->by, next->by);
            else
                *++last = *next;
        }
        count_ = static_cast<size_t>(last - items_) + 1;
    }

    // Merging first keeps a bulk of rows of few keys from taking memory for each of them.
    void Grow() {
        Merge();
        if (count_ * 2 <= capacity_ && capacity_ > 0)
            return;
        capacity_ = std::max(kFirstCapacity, capacity_ * 2);
        const size_t size = sizeof(DifferenceOf<Key>) * capacity_;
        items_ = static_cast<DifferenceOf<Key> *>(items_ == nullptr ? MemoryContextAllocHuge(memory_, size)
                                                                    : repalloc_huge(items_, size));
    }

    MemoryContext memory_;
    DifferenceOf<Key> *items_ = nullptr;
    size_t count_ = 0;
    size_t capacity_ = 0;
};

// A row that counts others, by its organization and its key.
struct Counted {
    Uuid organization;
    Uuid key;

    friend bool operator==(const Counted &a, const Counted &b) {
        return std::memcmp(&a, &b, sizeof(Counted)) == 0;
    }
};

static_assert(sizeof(Counted) == 2 * sizeof(Uuid));

using Difference = DifferenceOf<Counted>;
using Net = NetOf<Counted>;

} // namespace laurel::guards
