// Whose messages a member does not want to see.
#pragma once

#include "access/caller.h"

namespace laurel::messaging {

// Whether the caller, who is a member of the active organization, blocks anybody, or has done so.
bool HasBlocked(const access::Caller &caller);

void InitBlocks();

} // namespace laurel::messaging
