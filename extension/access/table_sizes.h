// How many rows the planner expects in Laurel's tables.
#pragma once

namespace laurel::access {

void InitTableSizes();

} // namespace laurel::access
