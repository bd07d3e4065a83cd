// Room for work divided among those who have some.
#pragma once

#include <cstddef>

namespace laurel::kernel {

// A class of work. While it is hungry it may have more than it took so far.
struct Share {
    int weight;
    bool hungry;
    int quota;
};

// Divides the room among the hungry by their weights, all of it; the first ones get what does not divide.
inline void
Divide(Share *shares, size_t count, int room) noexcept {
    long total = 0;
    for (size_t i = 0; i < count; i++)
        total += shares[i].hungry ? shares[i].weight : 0;
    int left = room;
    for (size_t i = 0; i < count; i++) {
        shares[i].quota =
            shares[i].hungry ? static_cast<int>(static_cast<long>(room) * shares[i].weight / total) : 0;
        left -= shares[i].quota;
    }
    for (size_t i = 0; i < count && left > 0 && total > 0; i++)
        if (shares[i].hungry) {
            shares[i].quota++;
            left--;
        }
}

} // namespace laurel::kernel
