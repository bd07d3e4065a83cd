// Numbers as rules of recurrence list them: those below 0 count from the end.
#pragma once

#include <bitset>

namespace laurel::kernel::recurrence {

// Numbers from 1 to `most`, and from -1 to -most.
template <int most> class Numbers {
public:
    static constexpr int kMost = most;

    void Add(int number) {
        if (number > 0)
            from_start_.set(static_cast<size_t>(number));
        else
            from_end_.set(static_cast<size_t>(-number));
    }

    bool empty() const { return from_start_.none() && from_end_.none(); }

    // Whether one of them means the `number`th of `count`.
    bool Mean(int number, int count) const {
        return Has(from_start_, number) || Has(from_end_, count - number + 1);
    }

private:
    using Bits = std::bitset<most + 1>;

    static bool Has(const Bits &bits, int number) {
        return number >= 1 && number <= most && bits[static_cast<size_t>(number)];
    }

    Bits from_start_;
    Bits from_end_;
};

} // namespace laurel::kernel::recurrence
