// The statements of a quota.
#pragma once

#include "guards/quota_rule.h"

namespace laurel::guards {

// Writes them from what else the quota knows; `allowed` is the SQL that says how much is.
void WriteStatements(Quota *quota, const char *allowed);

} // namespace laurel::guards
