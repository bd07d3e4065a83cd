// Rows as edges between ids.
#pragma once

#include "kernel/cycle.h"
#include "postgres/datum.h"

namespace laurel::guards {

// A graph whose nodes are numbered as they come, in the memory context it was made in.
class Graph {
public:
    Graph();

    void Add(const Uuid &from, const Uuid &to);

    // True for each node once.
    bool Reach(const Uuid &node);

    const Uuid &Node(uint32_t number) const { return nodes_[number]; }
    size_t nodes() const { return node_count_; }

    // The numbers of the nodes of a cycle, in the order of its edges, and how many there are: 0 for none.
    size_t FindCycle(uint32_t **cycle) const;

private:
    struct Numbered;
    Numbered *Find(const Uuid &node);

    MemoryContext memory_;
    HTAB *numbers_;
    Uuid *nodes_;
    kernel::Edge *edges_;
    size_t node_count_ = 0, node_room_, edge_count_ = 0, edge_room_;
};

} // namespace laurel::guards
