// Who does something of a path, and where that is.
#pragma once

#include "postgres/error.h"
#include "postgres/spi.h"

namespace laurel::learning {

// Somebody, in the organization of what he learns.
struct Learner {
    Uuid organization;
    Uuid user;
};

// The arguments `id` at 0 and user_id at 1 of a function, and the organization that `find` gives for the id.
// Refuses who is neither oneself there nor administrator nor trusted nor, where `may_look` says so, entrusted
// with the user (42501), and an id that there is none of (23503, with that constraint).
Learner LearnerOf(FunctionCallInfo fcinfo, Statement *find, const char *id, const char *constraint,
                  bool may_look);

// Whether somebody takes a path. Run with SPI open, as the owner of the tables.
bool IsEnrolled(const Learner &learner, const Uuid &path);

} // namespace laurel::learning
