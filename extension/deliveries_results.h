// What the worker says became of deliveries.
#pragma once

#include "postgres/datum.h"

namespace laurel {

enum class Outcome : char { Delivered, Retry, Dead };

// The outcome of one delivery. Texts point into the jsonb it was read from.
struct Result {
    Uuid delivery;
    Outcome outcome;
    bool disable_endpoint;
    std::optional<int> status;
    std::optional<float> duration_ms;
    double retry_after; // seconds; 0 where nothing was asked
    std::string_view error;
};

struct Results {
    Result *list = nullptr; // in the order of their deliveries, each once
    int count = 0;

    // What was said of that delivery; null for one that is not among them.
    const Result *Find(const Uuid &delivery) const;

    // What was said of that delivery, which is among them.
    const Result &Of(const Uuid &delivery) const { return *Find(delivery); }
};

// Reads the argument of complete_deliveries, or refuses it (22023) and says which result is wrong.
Results ReadResults(Jsonb *results);

} // namespace laurel
