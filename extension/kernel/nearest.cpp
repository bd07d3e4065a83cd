#include "nearest.h"

#include "ascii.h"

#include <algorithm>
#include <numeric>

namespace laurel::kernel {

size_t
NameDistance(std::string_view a, std::string_view b) noexcept {
    if (a.size() > kMaxNearest || b.size() > kMaxNearest)
        return static_cast<size_t>(-1);
    size_t row[kMaxNearest + 1];
    std::iota(row, row + b.size() + 1, size_t{0});
    for (size_t i = 0; i < a.size(); i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b.size(); j++) {
            const size_t exchanged = diagonal + (Lower(a[i]) == Lower(b[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({exchanged, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row[b.size()];
}

} // namespace laurel::kernel
