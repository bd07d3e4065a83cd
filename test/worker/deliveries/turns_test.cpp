#include "deliveries/turns.h"

#include <gtest/gtest.h>

using namespace laurel::worker;

namespace {

void
Add(Turns &turns, const std::string &organization, const std::string &id) {
    auto transfer = std::make_unique<Transfer>();
    transfer->delivery.organization_id = organization;
    transfer->delivery.id = id;
    turns.Add(std::move(transfer));
}

std::string
TakeAll(Turns &turns) {
    std::string ids;
    while (!turns.IsEmpty())
        ids += turns.Take()->delivery.id + " ";
    return ids;
}

} // namespace

TEST(Turns, one_organization_is_served_in_order) {
    Turns turns;
    for (const auto *id : {"1", "2", "3"})
        Add(turns, "a", id);
    EXPECT_EQ(TakeAll(turns), "1 2 3 ");
}

TEST(Turns, who_comes_later_waits_for_one_of_each) {
    Turns turns;
    for (const auto *id : {"a1", "a2", "a3", "a4"})
        Add(turns, "a", id);
    Add(turns, "b", "b1");
    Add(turns, "c", "c1");
    Add(turns, "b", "b2");
    EXPECT_EQ(TakeAll(turns), "a1 b1 c1 a2 b2 a3 a4 ");
}

TEST(Turns, whoever_was_served_goes_to_the_end) {
    Turns turns;
    Add(turns, "a", "a1");
    Add(turns, "a", "a2");
    EXPECT_EQ(turns.Take()->delivery.id, "a1");
    Add(turns, "b", "b1");
    Add(turns, "a", "a3");
    EXPECT_EQ(TakeAll(turns), "a2 b1 a3 ");
}

TEST(Turns, all_are_looked_at) {
    Turns turns;
    Add(turns, "a", "1");
    Add(turns, "b", "2");
    Add(turns, "a", "3");
    int count = 0;
    turns.ForEach([&](const Transfer &) { count++; });
    EXPECT_EQ(count, 3);
}
