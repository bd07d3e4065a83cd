#pragma once

#include <map>
#include <string>

namespace laurel::worker {

using Variables = std::map<std::string, std::string>;

// The process environment.
Variables Environment();

// Reads a file of NAME=value lines: blanks, comments (#), "export " and quotes as a shell has them, but
// nothing is expanded. Throws SettingsError with the line's number.
Variables ReadEnvironmentFile(const std::string &path);

// Hands libpq's own variables (PG...) of the file to libpq where the environment does not have them.
void ExportConnectionVariables(const Variables &file);

} // namespace laurel::worker
