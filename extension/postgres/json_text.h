// Text that is JSON, or is not.
#pragma once

#include "datum.h"

namespace laurel {

// Whether a text is JSON, without an error where it is none.
bool IsJson(std::string_view text);

// The text, which is JSON, as jsonb.
Datum JsonOf(std::string_view text);

} // namespace laurel
