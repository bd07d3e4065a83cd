// Numbers as people write them, with a unit.
#pragma once

#include <string_view>

namespace laurel::kernel::grading {

struct Quantity {
    double value = 0;
    std::string_view unit; // empty where there is none
};

// Reads "9.81 m/s2", "-3,5", "+1e3 kg" or "50%": a number with a point or a comma, then its unit. False for
// anything else.
bool ReadQuantity(std::string_view text, Quantity *quantity) noexcept;

} // namespace laurel::kernel::grading
