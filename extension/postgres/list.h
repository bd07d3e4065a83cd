// Lists of values that are filled one by one.
#pragma once

#include "pg.h"

namespace laurel {

// Room for `count` values, be they none or more than 1 GB, in that memory context. They are not made yet.
template <typename T, std::integral Count>
T *
NewList(Count count, MemoryContext memory = CurrentMemoryContext) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T *>(
        MemoryContextAllocHuge(memory, sizeof(T) * static_cast<size_t>(std::max<Count>(count, 1))));
}

} // namespace laurel
