// The rows that a run of retention leaves in the database: its line and how far it has come. Each is as it
// was meant, or the triggers of the application that made it otherwise are an error (39P01).
#pragma once

#include "retention/steps.h"

namespace laurel::retention {

// Closes what a session left open. Its progress goes too: nobody takes up another's run.
void InterruptRuns();

// A run as it begins.
struct OpenedRun {
    Datum id;
    Datum outcome; // where there is nothing to do
    bool goes_on;
};

// Opens a run of a policy with its cut-off. Error 22023: no such policy.
OpenedRun OpenRun(Datum policy, bool dry_run);

// The policy of an open run, its table locked in that mode. Error 22023: no such run under way.
Policy PolicyOfRun(Datum run, bool dry_run, LOCKMODE mode);

Progress LoadProgress(Datum run);
void SaveProgress(Datum run, const Progress &progress);

// Adds what a step took, or what a dry run counted.
void Note(Datum run, const Tally &tally, bool batch);

// Closes a run unless it is closed, and sums it up in a line; null where there is no such run.
const char *CloseRun(Datum run, Datum outcome, Nullable error);

} // namespace laurel::retention
