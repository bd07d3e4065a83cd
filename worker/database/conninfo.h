#pragma once

#include <string>

namespace laurel::worker {

// A connection string with what a worker needs where it does not say otherwise: a connection attempt and a
// silent peer end in seconds, the server knows the worker by name, texts are UTF-8. `url` is a libpq URI or
// keywords; what it leaves out comes from libpq's own variables. Throws SettingsError for one libpq cannot
// read.
std::string CompleteConninfo(const std::string &url);

// Host, port and database of a connection string, for messages: no secrets.
std::string DescribeConninfo(const std::string &url);

} // namespace laurel::worker
