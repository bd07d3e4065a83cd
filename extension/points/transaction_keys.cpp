#include "points/transaction_keys.h"

#include "postgres/error.h"

extern "C" {
#include "utils/jsonb.h"
}

namespace laurel::points {

namespace {

constexpr std::string_view kKeys[] = {"user_id",      "amount",         "transaction_type", "reference_type",
                                      "reference_id", "reason",         "metadata",         "idempotency_key",
                                      "occurred_at",  "organization_id"};

// "It has a, b and c."
const char *
KeysInWords() {
    StringInfoData words;
    initStringInfo(&words);
    constexpr size_t last = std::size(kKeys) - 1;
    for (size_t i = 0; i <= last; i++)
        appendStringInfo(&words, "%s%s", i == 0 ? "It has " : i == last ? " and " : ", ", kKeys[i].data());
    appendStringInfoChar(&words, '.');
    return words.data;
}

void
NameElement(void *position) {
    errcontext("element %lld of the array", static_cast<long long>(*static_cast<int64 *>(position)));
}

[[noreturn]] void
RefuseElement(int64 position, const char *message) {
    ErrorContextCallback context = {error_context_stack, NameElement, &position};
    error_context_stack = &context;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = message, .hint = KeysInWords()});
}

} // namespace

void
RequireKnownKeys(Datum array) {
    JsonbIterator *iterator = JsonbIteratorInit(&DatumGetJsonbP(array)->root);
    JsonbValue value;
    int64 position = 0;
    int arrays = 0;
    bool in_object = false;
    for (;;) {
        const JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, in_object);
        if (token == WJB_DONE)
            return;
        if (token == WJB_BEGIN_OBJECT || token == WJB_END_OBJECT)
            in_object = token == WJB_BEGIN_OBJECT;
        position += token == WJB_BEGIN_OBJECT;
        arrays += token == WJB_BEGIN_ARRAY;
        if (token == WJB_ELEM || arrays > 1)
            RefuseElement(position + 1, "a points transaction must be a JSON object");
        if (token != WJB_KEY)
            continue;
        const std::string_view key(value.val.string.val, static_cast<size_t>(value.val.string.len));
        if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys))
            RefuseElement(position, psprintf("a points transaction has no \"%.*s\"",
                                             static_cast<int>(key.size()), key.data()));
    }
}

} // namespace laurel::points
