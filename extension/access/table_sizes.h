// How many rows the planner expects in Laurel's tables.
#pragma once

namespace laurel {

void InitTableSizes();

} // namespace laurel
