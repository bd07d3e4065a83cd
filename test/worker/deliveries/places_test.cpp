#include "deliveries/places.h"

#include <gtest/gtest.h>

using namespace laurel::worker;

namespace {

Delivery
Of(const std::string &organization, const std::string &channel = "webhook") {
    Delivery delivery;
    delivery.channel = channel;
    delivery.organization_id = organization;
    return delivery;
}

void
Take(Places &places, const std::string &organization, int count) {
    for (int i = 0; i < count; i++)
        places.Take(Of(organization));
}

// What the organization may have more.
int
MoreOf(const Places &places, const std::string &organization) {
    int each = 0;
    for (const auto &portion : places.Portions("webhook")) {
        if (portion.organization_id == organization)
            return portion.rows;
        if (portion.organization_id.empty())
            each = portion.rows;
    }
    return each;
}

} // namespace

TEST(Places, one_alone_gets_half) {
    Places places(400);
    EXPECT_EQ(MoreOf(places, "a"), 200);
    Take(places, "a", 200);
    EXPECT_EQ(MoreOf(places, "a"), 0);
}

TEST(Places, who_comes_later_finds_some_free) {
    Places places(400);
    for (const auto *organization : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
        const int more = MoreOf(places, organization);
        EXPECT_GT(more, 0) << organization;
        Take(places, organization, more);
    }
    EXPECT_GT(places.Free("webhook"), 0);
    EXPECT_GT(MoreOf(places, "i"), 0);
}

TEST(Places, two_come_to_hold_as_many) {
    Places places(300);
    Take(places, "a", 150);
    int a = 150, b = 0;
    for (int round = 0; round < 1000; round++) {
        places.GiveBack(Of("a"));
        a--;
        const int more_of_b = MoreOf(places, "b");
        Take(places, "b", more_of_b);
        b += more_of_b;
        const int more_of_a = MoreOf(places, "a");
        Take(places, "a", more_of_a);
        a += more_of_a;
    }
    EXPECT_NEAR(a, 100, 2);
    EXPECT_NEAR(b, 100, 2);
}

TEST(Places, the_last_place_is_somebodys) {
    Places places(1);
    EXPECT_EQ(MoreOf(places, "a"), 1);
    places.Take(Of("a"));
    EXPECT_EQ(MoreOf(places, "b"), 0);
    places.GiveBack(Of("a"));
    EXPECT_EQ(MoreOf(places, "b"), 1);
}

TEST(Places, channels_have_places_of_their_own) {
    Places places(10);
    Take(places, "a", 10);
    EXPECT_EQ(places.Free("webhook"), 0);
    EXPECT_EQ(places.Free("email"), 10);
    EXPECT_EQ(places.Portions("email").size(), 1u);
    EXPECT_EQ(places.Portions("email").front().rows, 5);
}

TEST(Places, all_are_given_back_at_once) {
    Places places(10);
    Take(places, "a", 10);
    places.Clear();
    EXPECT_EQ(places.Free("webhook"), 10);
}
