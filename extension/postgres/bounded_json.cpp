#include "bounded_json.h"

#include "bridge.h"
#include "error.h"

namespace laurel {

namespace {

const char *
WrongKind(const Jsonb *json, const JsonBounds &bounds) {
    if (JB_ROOT_IS_OBJECT(json) ||
        (bounds.takes_arrays && JB_ROOT_IS_ARRAY(json) && !JB_ROOT_IS_SCALAR(json)))
        return nullptr;
    return bounds.takes_arrays ? "It is neither an object nor an array." : "It is no object.";
}

// How many digits a number has that a few bytes may stand for: the server's long form, which has room for
// more than a hundred thousand. Its short form has 320 at most and counts for nothing.
Size
Digits(Numeric number) {
    constexpr uint16 kForm = 0xC000, kShort = 0x8000;
    uint16 header;
    std::memcpy(&header, VARDATA_ANY(number), sizeof(header));
    if ((header & kForm) == kShort)
        return 0;
    char *text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
    const Size digits = strlen(text);
    pfree(text);
    return digits;
}

// Walks without recursion and stops where a bound is passed.
const char *
BeyondWalk(Jsonb *json, const JsonBounds &bounds) {
    JsonbIterator *iterator = JsonbIteratorInit(&json->root);
    JsonbValue value;
    int level = 0;
    Size digits = 0;
    for (;;) {
        const JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, false);
        if (token == WJB_DONE)
            return nullptr;
        if (token == WJB_END_ARRAY || token == WJB_END_OBJECT)
            level--;
        else if ((token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT) && ++level > bounds.levels)
            return psprintf("It has more than %d levels of arrays and objects.", bounds.levels);
        else if ((token == WJB_ELEM || token == WJB_VALUE) && value.type == jbvNumeric)
            digits += Digits(value.val.numeric);
        if (digits > bounds.bytes)
            return psprintf("Its numbers have more than %zu digits when they are written out.", bounds.bytes);
    }
}

const char *
ConstraintOf(const char *table, const char *column) {
    return psprintf("%s_%s_check", table, column);
}

} // namespace

const char *
BeyondBounds(Datum json, const JsonBounds &bounds) {
    const Size bytes = toast_raw_datum_size(json);
    if (bytes > bounds.bytes)
        return psprintf("It has %zu bytes.", bytes);
    Jsonb *value = DatumGetJsonbP(json);
    if (const char *detail = WrongKind(value, bounds))
        return detail;
    return JB_ROOT_COUNT(value) == 0 ? nullptr : BeyondWalk(value, bounds);
}

void
RequireBoundedJson(Datum json, const char *table, const char *column, const JsonBounds &bounds) {
    const char *detail = BeyondBounds(json, bounds);
    if (detail == nullptr)
        return;
    Refuse({.message = psprintf("%s of %s is not JSON that can be kept", column, table),
            .detail = detail,
            .hint = psprintf("An object%s of at most %zu bytes and %d levels will do.",
                             bounds.takes_arrays ? " or array" : "", bounds.bytes, bounds.levels),
            .table = table,
            .constraint = ConstraintOf(table, column)});
}

void
RequireShortText(std::string_view text, int characters, const char *table, const char *column) {
    // A character has a byte at least, so most texts need not be counted.
    if (text.size() <= static_cast<size_t>(characters))
        return;
    const int length = pg_mbstrlen_with_len(text.data(), static_cast<int>(text.size()));
    if (length <= characters)
        return;
    Refuse({.message = psprintf("%s of %s is too long", column, table),
            .detail = psprintf("It has %d characters.", length),
            .hint = psprintf("At most %d will do.", characters),
            .table = table,
            .constraint = ConstraintOf(table, column)});
}

// laurel_internal.check_json(value, place, name, takes_arrays)
LAUREL_FUNCTION(laurel_check_json) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
        PG_RETURN_BOOL(true);
    const bool takes_arrays = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
    const JsonBounds bounds = {.takes_arrays = takes_arrays};
    if (BeyondBounds(PG_GETARG_DATUM(0), bounds) != nullptr)
        RequireBoundedJson(PG_GETARG_DATUM(0), CString(ToText(PG_GETARG_DATUM(1))),
                           CString(ToText(PG_GETARG_DATUM(2))), bounds);
    PG_RETURN_BOOL(true);
}

} // namespace laurel
