// Whose messages a member does not want to see.
#pragma once

namespace laurel::messaging {

void InitBlocks();

} // namespace laurel::messaging
