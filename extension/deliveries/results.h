// What the worker says became of deliveries.
#pragma once

#include "postgres/datum.h"

namespace laurel::deliveries {

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
    std::string_view recipient; // the address that it was about
};

struct Results {
    Result *list = nullptr; // in the order of their deliveries, each once
    int count = 0;
    int rejected = 0;                // elements that were passed over,
    const char *rejection = nullptr; // and what was wrong with the first of them

    // What was said of that delivery; null for one that is not among them.
    const Result *Find(const Uuid &delivery) const;

    // What was said of that delivery, which is among them.
    const Result &Of(const Uuid &delivery) const { return *Find(delivery); }
};

// Reads the argument of complete_deliveries and passes over elements that are no results. Refuses (22023)
// what is no array, or names more than 10,000 deliveries.
Results ReadResults(Datum results);

// What a result that cannot be kept is passed over for; the first reason is told.
void Reject(Results *results, const char *why);

// Warns of what was passed over.
void TellRejected(const Results &results);

} // namespace laurel::deliveries
