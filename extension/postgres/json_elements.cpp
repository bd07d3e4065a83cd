#include "json_elements.h"

#include "bridge.h"
#include "error.h"
#include "kernel/characters.h"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace laurel {

namespace {

constexpr int kShown = 60; // characters of a value that a message shows

std::string_view
TextOf(const JsonbValue &value) {
    return {value.val.string.val, static_cast<size_t>(value.val.string.len)};
}

// The value as the column that it becomes would be given it.
std::string_view
Written(const JsonbValue &value) {
    switch (value.type) {
    case jbvString:
        return TextOf(value);
    case jbvNumeric:
        return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
    case jbvBool:
        return value.val.boolean ? "true" : "false";
    case jbvNull:
        return "null";
    default:
        return JsonbToCString(nullptr, value.val.binary.data, value.val.binary.len);
    }
}

// What nobody sees, or what moves a cursor, is shown by its number.
const char *
Visible(std::string_view text) {
    StringInfoData out;
    initStringInfo(&out);
    for (size_t position = 0; position < text.size();) {
        const size_t begin = position;
        const char32_t character = kernel::NextCharacter(text, &position);
        if (character != ' ' && kernel::IsUnseen(character))
            appendStringInfo(&out, "<U+%04X>", static_cast<unsigned>(character));
        else
            appendBinaryStringInfo(&out, text.data() + begin, static_cast<int>(position - begin));
    }
    return out.data;
}

// "There are a, b and c."
const char *
KeysInWords(const JsonElements &elements) {
    StringInfoData words;
    initStringInfo(&words);
    for (int i = 0; i < elements.count; i++)
        appendStringInfo(&words, "%s%.*s",
                         i == 0                    ? "There are "
                         : i == elements.count - 1 ? " and "
                                                   : ", ",
                         static_cast<int>(elements.keys[i].name.size()), elements.keys[i].name.data());
    appendStringInfoChar(&words, '.');
    return words.data;
}

// Where in the array the reader is.
struct ReadElement {
    const JsonElements &elements;
    int64 position = 0;

    const char *Named() const {
        return psprintf("element %lld of %s", static_cast<long long>(position), elements.argument);
    }
};

void
NameElement(void *argument) {
    ElementErrors::At(static_cast<const ReadElement *>(argument)->position);
}

[[noreturn]] void
RefuseUnknownKey(const ReadElement &element, std::string_view name) {
    kernel::Nearest nearest(name);
    for (int i = 0; i < element.elements.count; i++)
        nearest.Look(element.elements.keys[i].name);
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = psprintf("%s has a key that is not known: \"%s\"", element.Named(), ShortText(name)),
            .hint = psprintf("%s%s", KeysInWords(element.elements), MeantName(nearest))});
}

const JsonKey &
KnownKey(const ReadElement &element, std::string_view name) {
    const JsonKey *end = element.elements.keys + element.elements.count;
    const JsonKey *key =
        std::find_if(element.elements.keys, end, [name](const JsonKey &one) { return one.name == name; });
    if (key == end)
        RefuseUnknownKey(element, name);
    return *key;
}

[[noreturn]] void
RefuseValue(const ReadElement &element, const JsonKey &key, const JsonbValue &value, int sqlstate) {
    const char *fault =
        sqlstate == ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE || sqlstate == ERRCODE_DATETIME_FIELD_OVERFLOW
            ? "is out of range"
            : psprintf("must be %s", key.kind->words);
    Refuse({.sqlstate = sqlstate,
            .message = psprintf("%s: \"%s\" %s", element.Named(), key.name.data(), fault),
            .detail = psprintf("It is %s.", ShortValue(value))});
}

// Refuses with what the type's own input has against the value.
void
RequireReadable(const ReadElement &element, const JsonKey &key, const JsonbValue &value) {
    if (key.kind->read == nullptr || value.type == jbvNull)
        return;
    const char *written = CString(Written(value));
    ErrorData *raised = nullptr;
    try {
        guard([&] {
            DirectFunctionCall3(key.kind->read, CStringGetDatum(written), ObjectIdGetDatum(InvalidOid),
                                Int32GetDatum(-1));
        });
    } catch (const PostgresError &error) {
        raised = error.data();
    }
    if (raised == nullptr)
        return;
    if (ERRCODE_TO_CATEGORY(raised->sqlerrcode) != ERRCODE_DATA_EXCEPTION)
        ReThrowError(raised);
    RefuseValue(element, key, value, raised->sqlerrcode);
}

void
RequireTextForText(const ReadElement &element, const JsonKey &key, const JsonbValue &value) {
    if (key.kind == &kJsonText && (value.type == jbvBinary || value.type == jbvBool))
        RefuseValue(element, key, value, ERRCODE_INVALID_TEXT_REPRESENTATION);
}

[[noreturn]] void
RefuseNoObject(const ReadElement &element) {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = psprintf("%s must be a JSON object", element.Named()),
            .hint = KeysInWords(element.elements)});
}

// Goes through the array one element after the other; `element` says at which it is.
template <typename See>
void
EachValue(JsonbContainer *array, ReadElement *element, See see) {
    JsonbIterator *iterator = JsonbIteratorInit(array);
    JsonbValue value;
    const JsonKey *key = nullptr;
    int arrays = 0;
    bool in_object = false;
    for (;;) {
        const JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, in_object);
        if (token == WJB_DONE)
            return;
        in_object = token != WJB_END_OBJECT && (in_object || token == WJB_BEGIN_OBJECT);
        arrays += token == WJB_BEGIN_ARRAY;
        element->position += token == WJB_BEGIN_OBJECT || token == WJB_ELEM || arrays > 1;
        if (token == WJB_ELEM || arrays > 1)
            RefuseNoObject(*element);
        if (token == WJB_KEY)
            key = &KnownKey(*element, TextOf(value));
        if (token == WJB_VALUE)
            see(*element, *key, value);
    }
}

template <typename See>
void
EachValueNamed(const JsonElements &elements, Datum array, See see) {
    ReadElement element = {elements};
    ErrorContextCallback context = {error_context_stack, NameElement, &element};
    error_context_stack = &context;
    EachValue(&DatumGetJsonbP(array)->root, &element, see);
    error_context_stack = context.previous;
}

} // namespace

constinit const JsonKind kJsonText = {"a text", nullptr};
constinit const JsonKind kJsonInteger = {"a whole number", int8in};
constinit const JsonKind kJsonUuid = {"an id (uuid)", uuid_in};
constinit const JsonKind kJsonMoment = {"a time such as 2026-03-01T12:00:00Z", timestamptz_in};
constinit const JsonKind kJsonAny = {"", nullptr};

void
RequireKnownKeys(const JsonElements &elements, Datum array) {
    EachValueNamed(elements, array, RequireTextForText);
}

void
RequireReadableValues(const JsonElements &elements, Datum array) {
    EachValueNamed(elements, array, RequireReadable);
}

const char *
MeantName(const kernel::Nearest &nearest) {
    return nearest.found().empty() ? "" : psprintf(" Did you mean \"%s\"?", CString(nearest.found()));
}

const char *
ShortText(std::string_view text) {
    const auto kept =
        static_cast<size_t>(pg_mbcharcliplen(text.data(), static_cast<int>(text.size()), kShown));
    return psprintf("%s%s", Visible(text.substr(0, kept)), kept < text.size() ? "..." : "");
}

const char *
ShortValue(const JsonbValue &value) {
    const char *quote = value.type == jbvString ? "\"" : "";
    return psprintf("%s%s%s", quote, ShortText(Written(value)), quote);
}

void
ElementErrors::At(int64 position) {
    at_ = position;
    errcontext("element %lld of the array", static_cast<long long>(position));
}

void
ElementErrors::Rethrow(ErrorData *error) {
    const char *context = psprintf("element %lld of the array", static_cast<long long>(at_));
    const bool is_of_element =
        at_ > 0 && error->context != nullptr && strstr(error->context, context) != nullptr;
    if (is_of_element && !std::string_view(error->message).starts_with("element "))
        error->detail = error->detail == nullptr
                            ? psprintf("It is element %lld of the array.", static_cast<long long>(at_))
                            : psprintf("Element %lld: %s", static_cast<long long>(at_), error->detail);
    ReThrowError(error);
    pg_unreachable();
}

} // namespace laurel
