#pragma once

#include <string>
#include <vector>

#include "settings/settings.h"

namespace laurel::worker {

// The verbs that end by themselves. Each prints what it found or did and returns the program's exit code.

// Looks whether `run` would work: the database, the schema, the mail server.
int Check(const Settings &settings);

// Removes what retention policies say is due, or counts it.
int RunRetention(const Settings &settings, bool is_dry);

// Makes dead letters due again: those of a channel, an organization, these ids; empty stands for all.
int Redrive(const Settings &settings, const std::string &channel, const std::string &organization,
            const std::vector<std::string> &ids);

// Writes the certificate of an award as a page to print, into a file that only its owner reads, or to standard
// output where none is named.
int WriteCertificate(const Settings &settings, const std::string &award, const std::string &file);

// Prints the queue, dead letters and jobs.
int PrintStatus(const Settings &settings);

} // namespace laurel::worker
