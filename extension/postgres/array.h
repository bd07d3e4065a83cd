// Arrays for set-based statements.
#pragma once

#include "datum.h"

namespace laurel {

// An array of these values in the current memory context; `nulls` may be null where none is.
inline Datum
ArrayOf(Datum *values, bool *nulls, int count, Oid type) {
    int16 length;
    bool by_value;
    char alignment;
    get_typlenbyvalalign(type, &length, &by_value, &alignment);
    int lower_bound = 1;
    return PointerGetDatum(
        construct_md_array(values, nulls, 1, &count, &lower_bound, type, length, by_value, alignment));
}

inline Datum
ArrayOf(Datum *values, int count, Oid type) {
    return ArrayOf(values, nullptr, count, type);
}

} // namespace laurel
