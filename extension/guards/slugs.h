// Names in addresses, made of names for people.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kFillSlug;

} // namespace laurel::guards
