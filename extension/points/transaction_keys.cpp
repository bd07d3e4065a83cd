#include "points/transaction_keys.h"

#include "postgres/error.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
}

namespace laurel::points {

namespace {

// A key, and how its value is read; texts and JSON take any.
struct Key {
    std::string_view name;
    PGFunction read = nullptr;
};

constexpr Key kKeys[] = {{"user_id", uuid_in},
                         {"amount", int8in},
                         {"transaction_type"},
                         {"reference_type"},
                         {"reference_id", uuid_in},
                         {"reason"},
                         {"metadata"},
                         {"idempotency_key"},
                         {"occurred_at", timestamptz_in},
                         {"organization_id", uuid_in}};

// "It has a, b and c."
const char *
KeysInWords() {
    StringInfoData words;
    initStringInfo(&words);
    constexpr size_t last = std::size(kKeys) - 1;
    for (size_t i = 0; i <= last; i++)
        appendStringInfo(&words, "%s%s",
                         i == 0      ? "It has "
                         : i == last ? " and "
                                     : ", ",
                         kKeys[i].name.data());
    appendStringInfoChar(&words, '.');
    return words.data;
}

void
NameElement(void *position) {
    errcontext("element %lld of the array", static_cast<long long>(*static_cast<int64 *>(position)));
}

[[noreturn]] void
RefuseElement(const char *message) {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = message, .hint = KeysInWords()});
}

const Key &
KnownKey(std::string_view name) {
    const Key *end = std::end(kKeys);
    const Key *key =
        std::find_if(std::begin(kKeys), end, [name](const Key &one) { return one.name == name; });
    if (key == end)
        RefuseElement(
            psprintf("a points transaction has no \"%.*s\"", static_cast<int>(name.size()), name.data()));
    return *key;
}

// The value as the column that it becomes would be given it.
char *
Written(const JsonbValue &value) {
    switch (value.type) {
    case jbvString:
        return pnstrdup(value.val.string.val, static_cast<Size>(value.val.string.len));
    case jbvNumeric:
        return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
    case jbvBool:
        return pstrdup(value.val.boolean ? "true" : "false");
    default:
        return JsonbToCString(nullptr, value.val.binary.data, value.val.binary.len);
    }
}

// Raises what the type has against the value.
void
RequireReadable(const Key &key, const JsonbValue &value) {
    if (key.read == nullptr || value.type == jbvNull)
        return;
    char *written = Written(value);
    DirectFunctionCall3(key.read, CStringGetDatum(written), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
    pfree(written);
}

// Goes through the array one element after the other; `position` says at which it is.
void
EachElement(JsonbContainer *array, int64 *position, bool reads_values) {
    JsonbIterator *iterator = JsonbIteratorInit(array);
    JsonbValue value;
    const Key *key = nullptr;
    int arrays = 0;
    bool in_object = false;
    for (;;) {
        const JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, in_object);
        if (token == WJB_DONE)
            return;
        in_object = token != WJB_END_OBJECT && (in_object || token == WJB_BEGIN_OBJECT);
        arrays += token == WJB_BEGIN_ARRAY;
        *position += token == WJB_BEGIN_OBJECT || token == WJB_ELEM || arrays > 1;
        if (token == WJB_ELEM || arrays > 1)
            RefuseElement("a points transaction must be a JSON object");
        if (token == WJB_KEY)
            key = &KnownKey({value.val.string.val, static_cast<size_t>(value.val.string.len)});
        if (token == WJB_VALUE && reads_values)
            RequireReadable(*key, value);
    }
}

void
EachElementNamed(Datum array, bool reads_values) {
    int64 position = 0;
    ErrorContextCallback context = {error_context_stack, NameElement, &position};
    error_context_stack = &context;
    EachElement(&DatumGetJsonbP(array)->root, &position, reads_values);
    error_context_stack = context.previous;
}

} // namespace

void
RequireKnownKeys(Datum array) {
    EachElementNamed(array, false);
}

void
RequireReadableValues(Datum array) {
    EachElementNamed(array, true);
}

} // namespace laurel::points
