// Locks of whole tables, which stop everybody else: LOCK TABLE is for those who own Laurel's tables.
#pragma once

namespace laurel {

void InitTableLocks();

} // namespace laurel
