// What the badges of the catalogue and their awards share.
#pragma once

#include "postgres/spi.h"

namespace laurel {

// The badge's organization and points_value, by id.
extern Statement find_badge;

} // namespace laurel
