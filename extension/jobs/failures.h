// What jobs could not do.
#pragma once

#include "postgres/datum.h"

namespace laurel::jobs {

// Notes in laurel.job_failures that a job could not do its work for one organization and went on with the
// others.
void NoteFailure(const char *job, const Uuid &organization, const ErrorData &error);

// Takes out what the job has not noted again since that moment: it works now.
void ForgetFailures(const char *job, TimestampTz since);

} // namespace laurel::jobs
