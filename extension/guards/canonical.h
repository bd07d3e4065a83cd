// Text that identifies, in its one form.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kBringToForm;

} // namespace laurel::guards
