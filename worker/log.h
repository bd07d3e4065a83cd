#pragma once

#include <string>

namespace laurel::worker {

// Sends the log to standard error, as text or as a JSON object a line.
void StartLog(const std::string &form, const std::string &level);

// trace, debug, info, warning or error.
void SetLogLevel(const std::string &level);

} // namespace laurel::worker
