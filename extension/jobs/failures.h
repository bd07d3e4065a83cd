// What jobs could not do.
#pragma once

#include "postgres/datum.h"

namespace laurel::jobs {

// Notes in laurel.job_failures that a job could not do its work for one organization and went on with the
// others.
void NoteFailure(const char *job, const Uuid &organization, const ErrorData &error);

// Notes it and warns of it: `what` is not done, such as "events of organization … are left as they are".
void TellFailure(const char *job, const Uuid &organization, const ErrorData &error, const char *what);

// Takes out what the job has not noted again since that moment: it works now.
void ForgetFailures(const char *job, TimestampTz since);

} // namespace laurel::jobs
