// What statements are run with.
#pragma once

#include "datum.h"

namespace laurel {

// A value that may be null.
struct Nullable {
    Nullable() = default;
    Nullable(Datum given, bool null = false) : value(given), is_null(null) {} // not explicit: most are not

    Datum value = 0;
    bool is_null = true;
};

// The uuid that is pointed to, or null.
inline Nullable
UuidOrNull(const Uuid *uuid) {
    return {PointerGetDatum(uuid), uuid == nullptr};
}

// The values of a statement's parameters, in their order; whoever runs it checks that they are as many. What
// they point to must outlive them.
class Parameters {
public:
    static constexpr int kMost = 24;

    Parameters() = default;
    Parameters(Datum value) { Add(value); }
    Parameters(Nullable value) { Add(value); }
    Parameters(std::initializer_list<Nullable> values) {
        for (const Nullable &value : values)
            Add(value);
    }
    template <size_t N> Parameters(const Datum (&values)[N]) {
        static_assert(N <= kMost);
        for (const Datum value : values)
            Add(value);
    }
    template <size_t N> Parameters(const Nullable (&values)[N]) {
        static_assert(N <= kMost);
        for (const Nullable &value : values)
            Add(value);
    }

    void Add(Nullable value) {
        if (unlikely(count_ == kMost))
            elog(ERROR, "a statement takes at most %d parameters", kMost);
        values_[count_] = value.value;
        nulls_[count_++] = value.is_null ? 'n' : ' ';
    }

    int count() const { return count_; }
    bool IsNull(int index) const { return nulls_[index] == 'n'; }

    // As SPI takes them, which changes neither.
    Datum *values() const { return const_cast<Datum *>(values_); }
    const char *nulls() const { return nulls_; }

private:
    int count_ = 0;
    char nulls_[kMost];
    Datum values_[kMost];
};

static_assert(std::is_trivially_destructible_v<Parameters>);

} // namespace laurel
