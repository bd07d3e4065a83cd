// What the role laurel_jobs needs for pg_cron to run jobs as it.
#pragma once

namespace laurel::jobs {

// Whether laurel_jobs may use pg_cron's functions.
bool MayUseCron();

// Refuses where pg_cron could not run jobs as that role, and says what to grant.
void RequireCron();

// The line that pg_hba.conf lacks for pg_cron to connect as laurel_jobs; null where nothing is missing. Asked
// as the caller, who may be allowed to look.
const char *MissingRule();

} // namespace laurel::jobs
