#pragma once

#include <string>

#include "mail/message.h"

namespace laurel::worker {

// The end of a message's header and its body, by GMime: text alone, or multipart/alternative, or either in
// multipart/mixed with what is attached. Lines are ASCII, at most 78 characters, ended by CR LF. Throws
// Refusal where something cannot be attached.
std::string Parts(const Message &message);

} // namespace laurel::worker
