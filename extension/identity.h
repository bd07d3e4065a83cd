// People and how they are recognised; shared by the files of the identity domain.
#pragma once

#include "postgres/datum.h"

namespace laurel {

// An e-mail address as it is stored: without surrounding white space, in lower case. Palloc'd.
Datum NormalizedEmail(std::string_view email);

// True where the claims name this user and the user is active.
bool IsCaller(const Uuid &user);

// Refuses (42501) unless the caller is trusted or is that very user. `action` completes "not allowed to".
void RequireSelf(const Uuid &user, const char *action);

// Raises 23503: there is no such user. `table` and `constraint` name what would have pointed at it.
[[noreturn]] void UnknownUser(const Uuid &user, const char *table, const char *constraint);

// Argument `index` of a function that is not strict, or error 22004 that names it.
Datum Required(FunctionCallInfo fcinfo, int index, const char *name);

} // namespace laurel
