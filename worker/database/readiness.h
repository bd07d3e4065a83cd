#pragma once

#include <string>

#include "database/database.h"

namespace laurel::worker {

// Looks whether the database is one this worker can serve: Laurel is there, migrated, not a standby, and the
// role may do the work. Empty, or what is wrong and what to do about it.
std::string WhatIsMissing(Database &database);

} // namespace laurel::worker
