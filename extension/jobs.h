// Which scheduler runs the jobs of laurel.jobs.
#pragma once

#include "postgres/pg.h"

namespace laurel {

// SQL over alias j: the job is enabled and what it needs is there.
#define JOB_RUNS                                                                                             \
    "(j.is_enabled AND (j.requires IS NULL"                                                                  \
    " OR pg_catalog.to_regclass(pg_catalog.format('laurel.%I', j.requires)) IS NOT NULL))"

// The names of the jobs that pg_cron runs, as text[]: no worker may claim them. Run as the owner of
// laurel.jobs, with SPI open.
Datum JobsOfPgCron();

// Whether laurel_jobs may use pg_cron's functions.
bool MayUseCron();

// Refuses where pg_cron could not run jobs as that role, and says what to grant.
void RequireCron();

// The line that pg_hba.conf lacks for pg_cron to connect as laurel_jobs; null where nothing is missing. Asked
// as the caller, who may be allowed to look.
const char *MissingRule();

} // namespace laurel
