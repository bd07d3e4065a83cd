// Who is to be matched, as it is when laurel.match_buddies() looks.
#pragma once

#include "buddies/words.h"
#include "kernel/affinity.h"
#include "postgres/parameters.h"

namespace laurel::buddies {

// How an organization finds buddies.
struct Settings {
    Nullable newcomer_days;
    bool review;
    int max_minutes_apart; // more than there can be for any
    kernel::AffinityWeights weights;
};

struct Person {
    Uuid id;
    Uuid manager; // of a newcomer who has one
    bool has_manager;
    int ahead; // of UTC, in minutes
    int32 places;
    Words skills;
    Words languages;
};

// In ascending order of ids.
struct People {
    Person *list = nullptr;
    uint32 count = 0;

    const Person &operator[](uint32 index) const { return list[index]; }
    // The number of somebody; `count` where he is not among them.
    uint32 Find(const Uuid &id) const;
};

// All of an organization. As the tables' owner, with SPI open.
Settings ReadSettings(const Uuid &organization);

// Locks who comes into question and what they offer, passing over who is leaving, and reads them.
void ReadPeople(const Uuid &organization, const Settings &settings, People *newcomers, People *buddies);

} // namespace laurel::buddies
