// Organizations of rows that name none.
#pragma once

#include "postgres/datum.h"

namespace laurel::access {

// The home organization of a user; false where there is no such user.
bool HomeOrganization(const Uuid &user, Uuid *organization);

// The organization that serves users who have none, or error 23502.
Uuid DefaultOrganization();

// Raises 23503: there is no such user. `table` and `constraint` name what would have pointed at it.
[[noreturn]] void UnknownUser(const Uuid &user, const char *table, const char *constraint);

// The organization in which the caller does something for a user and names none: the active one, else, where
// row security of `table` does not bind the caller, the user's home. Error 23503, naming `constraint`, where
// there is no such user, and 42501 where the request names an organization that its user does not belong to.
// A bound caller without an active organization gets one that nobody administers.
Uuid ActingOrganization(Oid table, const Uuid &user, const char *constraint);

// Argument `index`, or where it is null the organization in which the caller acts.
Uuid OrganizationArgument(FunctionCallInfo fcinfo, int index, Oid table, const Uuid &user,
                          const char *constraint);

// Argument `index`, or where it is null the caller's active organization; error 22004 where there is none,
// 42501 where the request names one that the caller does not belong to.
Uuid ActiveOrganization(FunctionCallInfo fcinfo, int index);

} // namespace laurel::access
