#include "guards/graph.h"

#include "postgres/list.h"

namespace laurel::guards {

namespace {

constexpr size_t kFirstRoom = 64;

template <typename Item>
Item *
Allocated(MemoryContext memory, size_t count) {
    return NewList<Item>(count, memory);
}

template <typename Item>
void
MakeRoom(Item **items, size_t count, size_t *room) {
    if (count < *room)
        return;
    *room *= 2;
    *items = static_cast<Item *>(repalloc_huge(*items, sizeof(Item) * *room));
}

} // namespace

struct Graph::Numbered {
    Uuid node;
    uint32_t number;
    bool is_reached;
};

Graph::Graph()
    : memory_(CurrentMemoryContext), nodes_(Allocated<Uuid>(memory_, kFirstRoom)),
      edges_(Allocated<kernel::Edge>(memory_, kFirstRoom)), node_room_(kFirstRoom), edge_room_(kFirstRoom) {
    HASHCTL control = {};
    control.keysize = sizeof(Uuid);
    control.entrysize = sizeof(Numbered);
    control.hcxt = memory_;
    numbers_ = hash_create("laurel nodes", kFirstRoom, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

Graph::Numbered *
Graph::Find(const Uuid &node) {
    bool known;
    auto *numbered = static_cast<Numbered *>(hash_search(numbers_, &node, HASH_ENTER, &known));
    if (known)
        return numbered;
    MakeRoom(&nodes_, node_count_, &node_room_);
    nodes_[node_count_] = node;
    numbered->number = static_cast<uint32_t>(node_count_++);
    numbered->is_reached = false;
    return numbered;
}

void
Graph::Add(const Uuid &from, const Uuid &to) {
    const uint32_t start = Find(from)->number, end = Find(to)->number;
    MakeRoom(&edges_, edge_count_, &edge_room_);
    edges_[edge_count_++] = {start, end};
}

bool
Graph::Reach(const Uuid &node) {
    return !std::exchange(Find(node)->is_reached, true);
}

size_t
Graph::FindCycle(uint32_t **cycle) const {
    auto *space = Allocated<uint32_t>(memory_, kernel::CycleSpace(node_count_, edge_count_));
    *cycle = Allocated<uint32_t>(memory_, node_count_ + 1);
    const size_t length = kernel::FindCycle(edges_, edge_count_, node_count_, space, *cycle);
    pfree(space);
    return length;
}

} // namespace laurel::guards
