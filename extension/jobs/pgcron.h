// Jobs that pg_cron runs.
#pragma once

#include "postgres/datum.h"

namespace laurel::jobs {

// The names of the jobs that pg_cron runs, as text[]: no worker may claim them. Run as the owner of
// laurel.jobs, with SPI open.
Datum JobsOfPgCron();

} // namespace laurel::jobs
