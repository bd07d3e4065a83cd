#include "kernel/cycle.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

std::vector<uint32_t>
CycleOf(const std::vector<Edge> &edges, size_t nodes) {
    std::vector<uint32_t> space(CycleSpace(nodes, edges.size())), cycle(nodes);
    cycle.resize(FindCycle(edges.data(), edges.size(), nodes, space.data(), cycle.data()));
    return cycle;
}

bool
IsCycleOf(const std::vector<uint32_t> &cycle, const std::vector<Edge> &edges) {
    for (size_t i = 0; i < cycle.size(); i++) {
        const uint32_t from = cycle[i], to = cycle[(i + 1) % cycle.size()];
        if (std::none_of(edges.begin(), edges.end(),
                         [from, to](const Edge &edge) { return edge.from == from && edge.to == to; }))
            return false;
    }
    return !cycle.empty();
}

// Whether there is a cycle, by the transitive closure (Warshall).
bool
HasCycle(const std::vector<Edge> &edges, size_t nodes) {
    std::vector<std::vector<bool>> leads(nodes, std::vector<bool>(nodes));
    for (const Edge &edge : edges)
        leads[edge.from][edge.to] = true;
    for (size_t over = 0; over < nodes; over++)
        for (size_t from = 0; from < nodes; from++)
            for (size_t to = 0; to < nodes; to++)
                if (leads[from][over] && leads[over][to])
                    leads[from][to] = true;
    for (size_t node = 0; node < nodes; node++)
        if (leads[node][node])
            return true;
    return false;
}

} // namespace

TEST(FindCycle, none_where_nothing_is) {
    EXPECT_TRUE(CycleOf({}, 0).empty());
    EXPECT_TRUE(CycleOf({}, 3).empty());
}

TEST(FindCycle, none_where_ways_meet_again) {
    EXPECT_TRUE(CycleOf({{0, 1}, {0, 2}, {1, 3}, {2, 3}, {0, 3}, {0, 1}}, 4).empty());
}

TEST(FindCycle, of_one) {
    EXPECT_EQ(CycleOf({{0, 1}, {1, 1}}, 2), (std::vector<uint32_t>{1}));
}

TEST(FindCycle, in_the_order_of_its_edges) {
    std::vector<uint32_t> cycle = CycleOf({{4, 0}, {0, 1}, {1, 2}, {2, 0}, {2, 3}, {3, 5}}, 6);
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    EXPECT_EQ(cycle, (std::vector<uint32_t>{0, 1, 2}));
}

TEST(FindCycle, at_the_end_of_a_long_way) {
    constexpr uint32_t kNodes = 200'000;
    std::vector<Edge> edges;
    for (uint32_t node = 1; node < kNodes; node++)
        edges.push_back({node - 1, node});
    EXPECT_TRUE(CycleOf(edges, kNodes).empty());
    edges.push_back({kNodes - 1, kNodes - 3});
    EXPECT_EQ(CycleOf(edges, kNodes).size(), 3U);
    edges.back().to = 0;
    EXPECT_EQ(CycleOf(edges, kNodes).size(), kNodes);
}

TEST(FindCycle, agrees_with_the_closure_on_any_graph) {
    std::mt19937 random(42);
    int found = 0;
    for (int round = 0; round < 5000; round++) {
        const uint32_t nodes = 1 + random() % 9;
        std::vector<Edge> edges(random() % 14);
        for (Edge &edge : edges)
            edge = {static_cast<uint32_t>(random() % nodes), static_cast<uint32_t>(random() % nodes)};
        const std::vector<uint32_t> cycle = CycleOf(edges, nodes);
        ASSERT_EQ(!cycle.empty(), HasCycle(edges, nodes));
        ASSERT_TRUE(cycle.empty() || IsCycleOf(cycle, edges));
        found += !cycle.empty();
    }
    EXPECT_GT(found, 500);
    EXPECT_LT(found, 4500);
}
