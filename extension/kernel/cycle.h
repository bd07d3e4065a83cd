// Cycles in directed graphs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace laurel::kernel {

// An edge between two nodes, which are numbered from 0.
struct Edge {
    uint32_t from;
    uint32_t to;
};

// How many numbers FindCycle needs to work with.
constexpr size_t
CycleSpace(size_t nodes, size_t edges) noexcept {
    return 3 * nodes + 1 + edges;
}

// Finds a cycle and writes its nodes, in the order of its edges, to `cycle`, which has room for all nodes.
// Returns its length, 0 where there is none. Takes away what leads nowhere until only cycles are left, and
// what leads to them (Kahn 1962); time and space grow with nodes and edges.
size_t FindCycle(const Edge *edges, size_t edge_count, size_t nodes, uint32_t *space,
                 uint32_t *cycle) noexcept;

} // namespace laurel::kernel
