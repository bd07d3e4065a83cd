#pragma once

#include <string>
#include <unordered_map>

#include "loop/clock.h"

namespace laurel::worker {

// A peer that must not be overrun: at most `concurrency` transfers at once and `rate` beginnings a second,
// 0 standing for no limit.
struct Lane {
    std::string key;
    int concurrency = 0;
    double rate = 0;
};

// Counts what is under way in each lane. A lane's limits are those of whoever entered last.
class Throttle {
public:
    // Takes a place in the lane if there is one.
    bool Enter(const Lane &lane, Clock::time_point now);

    // Gives the place back.
    void Leave(const std::string &key);

    // When the lane's rate lets the next one in: now or later; says nothing of concurrency.
    Clock::time_point OpensAt(const Lane &lane, Clock::time_point now) const;

    // Forgets lanes that hold nobody and owe no waiting time, so that memory follows what is in use.
    void Forget(Clock::time_point now);

    size_t Size() const { return lanes_.size(); }

private:
    struct Use {
        int active = 0;
        double rate = 0;
        double tokens = 0; // beginnings that may follow at once
        Clock::time_point counted;
    };

    static double TokensAt(const Use &use, Clock::time_point now);

    std::unordered_map<std::string, Use> lanes_;
};

} // namespace laurel::worker
