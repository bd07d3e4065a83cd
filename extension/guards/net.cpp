#include "guards/net.h"

namespace laurel::guards {

namespace {

constexpr size_t kFirstCapacity = 16;

} // namespace

void
Net::Add(const Counted &row, int64 by) {
    if (count_ > 0 && items_[count_ - 1].row == row) {
        items_[count_ - 1].by += by;
        return;
    }
    if (count_ == capacity_)
        Grow();
    items_[count_++] = {row, by};
}

// Merging first keeps a bulk of rows that few others count from taking memory for each of them.
void
Net::Grow() {
    Merge();
    if (count_ * 2 <= capacity_ && capacity_ > 0)
        return;
    capacity_ = std::max(kFirstCapacity, capacity_ * 2);
    const size_t size = sizeof(Difference) * capacity_;
    items_ = static_cast<Difference *>(items_ == nullptr ? MemoryContextAllocHuge(memory_, size)
                                                         : repalloc_huge(items_, size));
}

void
Net::Merge() {
    if (count_ < 2)
        return;
    std::sort(items_, items_ + count_,
              [](const Difference &a, const Difference &b) { return a.row < b.row; });
    Difference *last = items_;
    for (const Difference *next = items_ + 1; next < items_ + count_; next++) {
        if (next->row == last->row)
            last->by += next->by;
        else
            *++last = *next;
    }
    count_ = static_cast<size_t>(last - items_) + 1;
}

void
Net::Settle(bool with_zeros) {
    Merge();
    if (with_zeros || count_ == 0)
        return;
    Difference *end =
        std::remove_if(items_, items_ + count_, [](const Difference &item) { return item.by == 0; });
    count_ = static_cast<size_t>(end - items_);
}

} // namespace laurel::guards
