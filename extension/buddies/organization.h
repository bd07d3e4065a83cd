// For which organization an administrator does something.
#pragma once

#include "postgres/datum.h"

namespace laurel::buddies {

// Argument `index`, or where it is null the caller's active organization; error 22004 where there is none,
// 42501 where the request names one that the caller does not belong to.
Uuid ActiveOrganization(FunctionCallInfo fcinfo, int index);

} // namespace laurel::buddies
