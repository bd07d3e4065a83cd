// The row that a function returns as one object.
#pragma once

#include "pg.h"

namespace laurel {

// A row of the function's result type; no field is null where nulls are not given.
template <size_t N>
Datum
ResultRow(FunctionCallInfo fcinfo, const Datum (&values)[N], const bool *nulls = nullptr) {
    const bool none[N] = {};
    TupleDesc tuple_desc;
    if (get_call_result_type(fcinfo, nullptr, &tuple_desc) != TYPEFUNC_COMPOSITE || tuple_desc->natts != N)
        elog(ERROR, "the function must return a row of %zu columns", N);
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tuple_desc), const_cast<Datum *>(values),
                                             const_cast<bool *>(nulls != nullptr ? nulls : none)));
}

} // namespace laurel
