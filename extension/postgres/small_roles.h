// The two roles that the extension makes: who has the tables, and who runs the jobs.
#pragma once

#include "pg.h"

namespace laurel {

constexpr const char *kLaurelOwner = "laurel_owner";
constexpr const char *kLaurelJobs = "laurel_jobs";

// The role of that name, or an error that says how to get it back.
Oid SmallRole(const char *name);

} // namespace laurel
