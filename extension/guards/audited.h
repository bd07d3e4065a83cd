// Changes of rows that leave a line in the audit log.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kAuditRows;
extern const GuardKind kAuditWritten;
extern const GuardKind kAuditTruncated;

} // namespace laurel::guards
