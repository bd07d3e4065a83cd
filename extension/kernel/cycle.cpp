#include "kernel/cycle.h"

#include <algorithm>

namespace laurel::kernel {

namespace {

// The edges of a graph by the node that they lead to.
struct Incoming {
    uint32_t *first; // by node, and one more
    uint32_t *from;
};

void
SortIncoming(const Edge *edges, size_t edge_count, size_t nodes, Incoming incoming) {
    std::fill(incoming.first, incoming.first + nodes + 1, 0);
    for (size_t i = 0; i < edge_count; i++)
        incoming.first[edges[i].to]++;
    for (size_t node = 1; node <= nodes; node++)
        incoming.first[node] += incoming.first[node - 1];
    for (size_t i = 0; i < edge_count; i++)
        incoming.from[--incoming.first[edges[i].to]] = edges[i].from;
}

// Leaves in `leaving` how many edges go from each node to nodes that lead on without end; returns how many
// nodes do not.
size_t
TakeEnds(size_t nodes, Incoming incoming, uint32_t *leaving, uint32_t *queue) {
    size_t taken = 0;
    for (uint32_t node = 0; node < nodes; node++)
        if (leaving[node] == 0)
            queue[taken++] = node;
    for (size_t i = 0; i < taken; i++)
        for (uint32_t in = incoming.first[queue[i]]; in < incoming.first[queue[i] + 1]; in++)
            if (--leaving[incoming.from[in]] == 0)
                queue[taken++] = incoming.from[in];
    return taken;
}

// Goes on from any node that leads on without end: after as many steps as there are nodes it is on a cycle.
size_t
Follow(const uint32_t *next, size_t nodes, uint32_t start, uint32_t *cycle) {
    for (size_t i = 0; i < nodes; i++)
        start = next[start];
    size_t length = 0;
    uint32_t node = start;
    do {
        cycle[length++] = node;
        node = next[node];
    } while (node != start);
    return length;
}

} // namespace

size_t
FindCycle(const Edge *edges, size_t edge_count, size_t nodes, uint32_t *space, uint32_t *cycle) noexcept {
    uint32_t *leaving = space, *next = leaving + nodes;
    const Incoming incoming = {next + nodes, next + 2 * nodes + 1};
    SortIncoming(edges, edge_count, nodes, incoming);
    std::fill(leaving, leaving + nodes, 0);
    for (size_t i = 0; i < edge_count; i++)
        leaving[edges[i].from]++;
    if (TakeEnds(nodes, incoming, leaving, next) == nodes)
        return 0;
    const Edge *end = edges + edge_count, *start = end;
    for (const Edge *edge = edges; edge < end; edge++)
        if (leaving[edge->from] > 0 && leaving[edge->to] > 0)
            next[edge->from] = (start = edge)->to;
    return Follow(next, nodes, start->from, cycle);
}

} // namespace laurel::kernel
