// The name that was probably meant.
#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel {

// Longer names are like none.
constexpr size_t kMaxNearest = 100;

// How many letters must be put in, left out or exchanged to make one name of the other (Levenshtein), in
// whatever case; names of more than kMaxNearest bytes are as far from all others as can be.
size_t NameDistance(std::string_view a, std::string_view b) noexcept;

// Whether a name at that distance may be what was meant: a third of its letters differ at most.
constexpr bool
IsNear(std::string_view name, size_t distance) noexcept {
    return distance <= (name.size() < 3 ? 1 : (name.size() + 1) / 3);
}

// Looks at one name after the other and keeps the nearest, the first of several.
class Nearest {
public:
    explicit Nearest(std::string_view wanted) : wanted_(wanted) {}

    void Look(std::string_view name) { Look(name, name); }

    // Likens to `part` of a name.
    void Look(std::string_view part, std::string_view name) {
        const size_t distance = NameDistance(wanted_, part);
        if (distance >= distance_ || !IsNear(wanted_, distance))
            return;
        distance_ = distance;
        found_ = name;
    }

    // Empty where none is near.
    std::string_view found() const { return found_; }

private:
    std::string_view wanted_, found_;
    size_t distance_ = static_cast<size_t>(-1);
};

} // namespace laurel::kernel
