#pragma once

#include <string>
#include <string_view>

namespace laurel::worker {

// The text with everything that means something in HTML and its attributes escaped.
std::string Escape(std::string_view text);

// A number with as many digits as one reads: 950, 12.3 k, 4.56 M.
std::string Short(double number);

// A span of milliseconds with its unit: 0.8 ms, 12 ms, 3.4 s, 5 min, 2 h.
std::string SpellMilliseconds(double milliseconds);

} // namespace laurel::worker
