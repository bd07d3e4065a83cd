// Questions and answer keys as columns of tables, and grading for SQL.

#include "grading/answers.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/error.h"

extern "C" {
#include "utils/numeric.h"
}

namespace laurel::grading {

namespace {

// What a check of a jsonb column is called with.
struct Checked {
    explicit Checked(FunctionCallInfo fcinfo)
        : value(PG_GETARG_DATUM(0)), table(CString(ToText(PG_GETARG_DATUM(1)))),
          column(CString(ToText(PG_GETARG_DATUM(2)))) {
        RequireBoundedJson(value, table, column, {.takes_arrays = true});
    }

    [[noreturn]] void Refuse(const char *detail, const char *hint) const {
        laurel::Refuse({.message = psprintf("%s of %s are not in order", column, table),
                        .detail = detail,
                        .hint = hint,
                        .table = table,
                        .constraint = psprintf("%s_%s_check", table, column)});
    }

    Datum value;
    const char *table;
    const char *column;
};

} // namespace

// laurel_internal.check_questions(value, place, name)
LAUREL_FUNCTION(laurel_check_questions) {
    const Checked checked(fcinfo);
    if (const char *problem = WrongQuestions(DatumGetJsonbP(checked.value)))
        checked.Refuse(
            problem,
            "A question is an object with id, kind and text; what is right stands in the answer keys.");
    PG_RETURN_BOOL(true);
}

// laurel_internal.check_answer_keys(value, place, name)
LAUREL_FUNCTION(laurel_check_answer_keys) {
    const Checked checked(fcinfo);
    if (const char *problem = WrongKeys(DatumGetJsonbP(checked.value)))
        checked.Refuse(problem, "A key is an object such as {\"kind\": \"single\", \"right\": \"b\"}.");
    PG_RETURN_BOOL(true);
}

// laurel_internal.grade(keys, answers)
LAUREL_FUNCTION(laurel_grade) {
    const int hundredths = Grade(DatumGetJsonbP(PG_GETARG_DATUM(0)), DatumGetJsonbP(PG_GETARG_DATUM(1)));
    PG_RETURN_NUMERIC(int64_div_fast_to_numeric(hundredths, 2));
}

} // namespace laurel::grading
