// Lists that grow while they are filled.
#pragma once

#include "list.h"

namespace laurel {

// Values one after the other in a memory context, be they more than 1 GB.
template <typename T> class Growing {
public:
    explicit Growing(MemoryContext memory = CurrentMemoryContext) : memory_(memory) {}

    T &Add(const T &value) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (count_ == room_)
            Grow();
        return values_[count_++] = value;
    }

    // Forgets the values, but keeps their room.
    void Clear() { count_ = 0; }
    void Cut(int64 count) { count_ = count; }

    int64 count() const { return count_; }
    T &operator[](int64 index) { return values_[index]; }
    const T &operator[](int64 index) const { return values_[index]; }
    T *begin() { return values_; }
    T *end() { return values_ + count_; }
    const T *begin() const { return values_; }
    const T *end() const { return values_ + count_; }

private:
    void Grow() {
        const int64 room = std::max<int64>(16, room_ * 2);
        T *values = NewList<T>(room, memory_);
        std::copy(values_, values_ + count_, values);
        if (values_ != nullptr)
            pfree(values_);
        values_ = values;
        room_ = room;
    }

    MemoryContext memory_;
    T *values_ = nullptr;
    int64 count_ = 0;
    int64 room_ = 0;
};

} // namespace laurel
