// Which scheduler runs the jobs of laurel.jobs.
#pragma once

#include "postgres/datum.h"

namespace laurel {

// SQL over alias j: the job is enabled and what it needs is there.
#define JOB_RUNS                                                                                             \
    "(j.is_enabled AND (j.requires IS NULL"                                                                  \
    " OR pg_catalog.to_regclass(pg_catalog.format('laurel.%I', j.requires)) IS NOT NULL))"

// The names of the jobs that pg_cron runs, as text[]: no worker may claim them. Run as the owner of
// laurel.jobs, with SPI open.
Datum JobsOfPgCron();

// Notes in laurel.job_failures that a job could not do its work for one organization and went on with the
// others.
void NoteFailure(const char *job, const Uuid &organization, const ErrorData &error);

// Takes out what the job has not noted again since that moment: it works now.
void ForgetFailures(const char *job, TimestampTz since);

// Whether laurel_jobs may use pg_cron's functions.
bool MayUseCron();

// Refuses where pg_cron could not run jobs as that role, and says what to grant.
void RequireCron();

// The line that pg_hba.conf lacks for pg_cron to connect as laurel_jobs; null where nothing is missing. Asked
// as the caller, who may be allowed to look.
const char *MissingRule();

} // namespace laurel
