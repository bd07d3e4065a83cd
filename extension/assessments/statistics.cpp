// Items of tests in numbers, for views.

#include "kernel/item_statistics.h"
#include "postgres/bridge.h"
#include "postgres/datum.h"
#include "postgres/error.h"
#include "postgres/result_row.h"

namespace laurel::assessments {

namespace {

// The numbers of an array, in place; error 22004 where one is null.
std::span<double>
Numbers(Datum value) {
    ArrayType *array = DatumGetArrayTypePCopy(value);
    if (array_contains_nulls(array))
        Refuse({.sqlstate = ERRCODE_NULL_VALUE_NOT_ALLOWED, .message = "a mark must not be null"});
    return {reinterpret_cast<double *>(ARR_DATA_PTR(array)),
            static_cast<size_t>(ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)))};
}

} // namespace

// laurel_internal.item_statistics(marks, rests)
LAUREL_FUNCTION(laurel_item_statistics) {
    const std::span<double> marks = Numbers(PG_GETARG_DATUM(0)), rests = Numbers(PG_GETARG_DATUM(1));
    if (marks.size() != rests.size())
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = "there is a rest for each mark"});
    const kernel::ItemStatistics found = kernel::StatisticsOf(marks, rests);
    const double numbers[] = {found.mean, found.deviation, found.discrimination, found.efficiency};
    Datum values[4];
    bool nulls[4];
    for (int i = 0; i < 4; i++) {
        values[i] = Float8GetDatum(numbers[i]);
        nulls[i] = std::isnan(numbers[i]);
    }
    return ResultRow(fcinfo, values, nulls);
}

} // namespace laurel::assessments
