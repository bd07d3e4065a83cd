// Questions and answer keys as columns of tables, and grading for SQL.

#include "grading/answers.h"
#include "grading/written.h"
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

// laurel_internal.check_options(options, place, name, type)
LAUREL_FUNCTION(laurel_check_options) {
    const Checked checked(fcinfo);
    if (const char *problem = WrongOptions(ToText(PG_GETARG_DATUM(3)), DatumGetJsonbP(checked.value)))
        checked.Refuse(problem, "Options are an array such as [{\"id\": \"a\", \"text\": \"Yes\"}].");
    PG_RETURN_BOOL(true);
}

// laurel_internal.answer_key(type, options, correct_answer, grading)
LAUREL_FUNCTION(laurel_answer_key) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
        PG_RETURN_NULL();
    const std::string_view type = ToText(PG_GETARG_DATUM(0));
    Jsonb *options = DatumGetJsonbP(PG_GETARG_DATUM(1)), *grading = DatumGetJsonbP(PG_GETARG_DATUM(3));
    RequireBoundedJson(PG_GETARG_DATUM(3), "questions", "grading");
    if (WrongOptions(type, options) != nullptr)
        PG_RETURN_NULL(); // its check says so
    const std::string_view right = PG_ARGISNULL(2) ? std::string_view() : ToText(PG_GETARG_DATUM(2));
    const char *problem;
    Jsonb *key = KeyOf(type, options, PG_ARGISNULL(2) ? nullptr : &right, grading, &problem);
    if (problem != nullptr)
        Refuse({.message = "what is right of a question is not in order",
                .detail = problem,
                .hint = "COMMENT of questions.correct_answer says how each type has it.",
                .table = "questions",
                .constraint = "questions_correct_answer_check"});
    if (key == nullptr)
        PG_RETURN_NULL();
    PG_RETURN_JSONB_P(key);
}

// laurel_internal.credit(key, answer)
LAUREL_FUNCTION(laurel_credit) {
    PG_RETURN_FLOAT8(CreditOfText(DatumGetJsonbP(PG_GETARG_DATUM(0)), ToText(PG_GETARG_DATUM(1))));
}

} // namespace laurel::grading
