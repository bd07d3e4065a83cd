// Arguments of functions that SQL calls.
#pragma once

#include "datum.h"
#include "error.h"
#include "parameters.h"

namespace laurel {

// What to do where the member is the caller unless named, and nobody calls.
constexpr const char *kNameTheMember = "Name the member, or call on behalf of one.";

// Argument `index` of a function that is not strict, or error 22004 that names it.
inline Datum
Required(FunctionCallInfo fcinfo, int index, const char *name, const char *hint = nullptr) {
    if (PG_ARGISNULL(index))
        Refuse({.sqlstate = ERRCODE_NULL_VALUE_NOT_ALLOWED,
                .message = psprintf("%s must not be null", name),
                .hint = hint});
    return PG_GETARG_DATUM(index);
}

// Argument `index`, for a statement that takes null too.
inline Nullable
Argument(FunctionCallInfo fcinfo, int index) {
    return {PG_GETARG_DATUM(index), PG_ARGISNULL(index)};
}

} // namespace laurel
