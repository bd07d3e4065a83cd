// Arguments of functions that SQL calls.
#pragma once

#include "datum.h"
#include "error.h"

namespace laurel {

// Argument `index` of a function that is not strict, or error 22004 that names it.
inline Datum
Required(FunctionCallInfo fcinfo, int index, const char *name) {
    if (PG_ARGISNULL(index))
        Refuse(
            {.sqlstate = ERRCODE_NULL_VALUE_NOT_ALLOWED, .message = psprintf("%s must not be null", name)});
    return PG_GETARG_DATUM(index);
}

} // namespace laurel
