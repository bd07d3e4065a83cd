#pragma once

namespace laurel::worker {

inline constexpr const char *kVersion = LAUREL_VERSION;

} // namespace laurel::worker
