// Whom a message or a badge reaches, and in which organization.
#pragma once

#include "postgres/datum.h"

namespace laurel {

// The organization in which the caller does something for a user and names none: the active one, else, where
// row security of `table` does not bind the caller, the user's home. Error 23503, naming `constraint`, where
// there is no such user. A bound caller without an active organization gets one that nobody administers.
Uuid ActingOrganization(Oid table, const Uuid &user, const char *constraint);

} // namespace laurel
