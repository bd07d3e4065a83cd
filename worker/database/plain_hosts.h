#pragma once

#include "database/database.h"
#include "settings/settings.h"

namespace laurel::worker {

// Brings the names of hosts in the settings to the form that DNS has (xn--...), so that neither libcurl nor a
// mail server needs to know another. Asks the database, which has one form for all addresses, and only for
// those that are not ASCII. Throws SettingsError where one has no such form, else as Database::Query.
void UsePlainHosts(Database &database, Settings *settings);

} // namespace laurel::worker
