#include "written.h"

#include "grading/answers.h"
#include "grading/items.h"
#include "grading/telling.h"
#include "postgres/jsonb_object.h"
#include "postgres/list.h"

namespace laurel::grading {

namespace {

constexpr int kMostOptions = 100;
constexpr size_t kMostOption = 2000; // bytes of an id or text
constexpr int kMostAnswer = 20000;   // characters

// How answers to a question of a type are written, and graded.
struct Form {
    std::string_view type, kind;
    enum Written { Choice, Truth, Words, Number, List, Pairs } written;
    bool has_options;
};

constexpr Form kForms[] = {{"multiple_choice", "single", Form::Choice, true},
                           {"true_false", "true_false", Form::Truth, false},
                           {"short_answer", "text", Form::Words, false},
                           {"multiple_answers", "multiple", Form::List, true},
                           {"numeric", "numeric", Form::Number, false},
                           {"order", "order", Form::List, true},
                           {"match", "match", Form::Pairs, true}};

constexpr std::string_view kGrading[] = {"partial", "tolerance", "units", "variants", "pattern"};

// Null for an essay, or a type that there is not.
const Form *
FormOf(std::string_view type) {
    const auto *form = std::find_if(std::begin(kForms), std::end(kForms),
                                    [type](const Form &known) { return known.type == type; });
    return form == std::end(kForms) ? nullptr : form;
}

// The id of an option; empty where it has none.
std::string_view
OptionId(const JsonbValue &option) {
    if (option.type == jbvString)
        return StringOf(option);
    JsonbValue value;
    if (!IsObject(option) || !Member(option.val.binary.data, "id", &value) || value.type != jbvString)
        return {};
    return StringOf(value);
}

const char *
WrongOption(const JsonbValue &option) {
    JsonbValue text;
    const std::string_view id = OptionId(option);
    if (id.empty() || id.size() > kMostOption)
        return "it is neither a text nor an object with an id, of 1 to 2,000 bytes";
    if (option.type == jbvString)
        return nullptr;
    if (!Member(option.val.binary.data, "text", &text) || text.type != jbvString)
        return "it has no text";
    const std::string_view telling = TellingMember(option.val.binary.data);
    return telling.empty() ? nullptr
                           : psprintf("its \"%s\" would tell learners what is right", CString(telling));
}

bool
IsOption(Jsonb *options, std::string_view id) {
    Items items(&options->root);
    JsonbValue option;
    while (items.Next(&option))
        if (OptionId(option) == id)
            return true;
    return false;
}

Jsonb *
ReadJson(std::string_view text) {
    return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(CString(text))));
}

JsonbValue
AsValue(std::string_view text) {
    JsonbValue value;
    value.type = jbvString;
    value.val.string.val = const_cast<char *>(text.data());
    value.val.string.len = static_cast<int>(text.size());
    return value;
}

JsonbValue
AsValue(Jsonb *json) {
    JsonbValue value;
    value.type = jbvBinary;
    value.val.binary.data = &json->root;
    value.val.binary.len = VARSIZE(json) - VARHDRSZ;
    return value;
}

bool
ReadTruth(std::string_view text, bool *truth) {
    return parse_bool_with_len(text.data(), text.size(), truth) && text.size() > 1;
}

// A text as the value that grading takes; false where it is of no such form.
bool
ReadWritten(const Form &form, std::string_view text, JsonbValue *value) {
    bool truth;
    switch (form.written) {
    case Form::Truth:
        value->type = jbvBool;
        value->val.boolean = ReadTruth(text, &truth) && truth;
        return ReadTruth(text, &truth);
    case Form::List:
        *value = AsValue(ReadJson(text));
        return IsArray(*value);
    case Form::Pairs:
        *value = AsValue(ReadJson(text));
        return IsObject(*value);
    default:
        *value = AsValue(text);
        return true;
    }
}

// What is right, as a key has it.
bool
ReadRight(const Form &form, std::string_view text, Jsonb *grading, JsonbValue *right) {
    if (form.written == Form::Number) {
        right->type = jbvNumeric;
        right->val.numeric = DatumGetNumeric(
            DirectFunctionCall3(numeric_in, CStringGetDatum(CString(text)), 0, Int32GetDatum(-1)));
        return true;
    }
    if (form.written != Form::Words)
        return ReadWritten(form, text, right);
    JsonbParseState *state = nullptr;
    JsonbValue variant = AsValue(text), variants;
    pushJsonbValue(&state, WJB_BEGIN_ARRAY, nullptr);
    pushJsonbValue(&state, WJB_ELEM, &variant);
    if (Member(&grading->root, "variants", &variants) && IsArray(variants)) {
        Items items(variants.val.binary.data);
        while (items.Next(&variant))
            pushJsonbValue(&state, WJB_ELEM, &variant);
    }
    *right = AsValue(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, nullptr)));
    return true;
}

// A text of what is right that is no option; empty where all are.
std::string_view
NoOption(const Form &form, Jsonb *options, const JsonbValue &right) {
    if (form.written == Form::Choice)
        return IsOption(options, StringOf(right)) ? std::string_view() : StringOf(right);
    Items items(right.val.binary.data);
    JsonbValue value;
    std::string_view name;
    while (form.written == Form::Pairs ? items.Next(&name, &value) : items.Next(&value)) {
        if (form.written == Form::Pairs && !IsOption(options, name))
            return name;
        if (value.type == jbvString && !IsOption(options, StringOf(value)))
            return StringOf(value);
    }
    return {};
}

// What is wrong with how a question is graded: a member that says nothing there.
const char *
WrongGrading(Jsonb *grading) {
    Items items(&grading->root);
    std::string_view name;
    JsonbValue value;
    while (items.Next(&name, &value))
        if (std::find(std::begin(kGrading), std::end(kGrading), name) == std::end(kGrading))
            return psprintf("\"%s\" of grading is none of partial, tolerance, units, variants and pattern.",
                            CString(name));
    return nullptr;
}

Jsonb *
MakeKey(const Form &form, const JsonbValue *right, Jsonb *grading) {
    JsonbObject key;
    key.Text("kind", form.kind);
    if (right != nullptr)
        key.Json("right", *right);
    Items items(&grading->root);
    std::string_view name;
    JsonbValue value;
    while (items.Next(&name, &value))
        if (name != "variants")
            key.Json(name, value);
    return key.Finish();
}

} // namespace

const char *
WrongOptions(std::string_view type, Jsonb *options) {
    const Form *form = FormOf(type);
    if (!JB_ROOT_IS_ARRAY(options) || JB_ROOT_IS_SCALAR(options) || JB_ROOT_COUNT(options) > kMostOptions)
        return "It is no array of at most 100 options.";
    if (form != nullptr && form->has_options && JB_ROOT_COUNT(options) < 2)
        return psprintf("Of %s there are two options at least.", CString(type));
    auto *ids = NewList<std::string_view>(JB_ROOT_COUNT(options));
    Items items(&options->root);
    JsonbValue option;
    for (int count = 0; items.Next(&option); count++) {
        if (const char *problem = WrongOption(option))
            return psprintf("Of option %d, %s.", count + 1, problem);
        ids[count] = OptionId(option);
        if (std::find(ids, ids + count, ids[count]) != ids + count)
            return psprintf("Two options have the id \"%s\".", CString(ids[count]));
    }
    return nullptr;
}

Jsonb *
KeyOf(std::string_view type, Jsonb *options, const std::string_view *text, Jsonb *grading,
      const char **problem) {
    const Form *form = FormOf(type);
    JsonbValue right, pattern;
    *problem = JB_ROOT_IS_OBJECT(grading) ? WrongGrading(grading) : "grading is no object.";
    const bool has_pattern = *problem == nullptr && Member(&grading->root, "pattern", &pattern);
    if (*problem != nullptr || form == nullptr ||
        (text == nullptr && !(has_pattern && form->written == Form::Words)))
        return nullptr;
    if (text != nullptr && !ReadRight(*form, *text, grading, &right)) {
        *problem = form->written == Form::Truth   ? "What is right is true or false."
                   : form->written == Form::Pairs ? "What is right is a JSON object of ids."
                                                  : "What is right is a JSON array of ids.";
        return nullptr;
    }
    Jsonb *key = MakeKey(*form, text == nullptr ? nullptr : &right, grading);
    if (const char *wrong = WrongKey(key))
        *problem = psprintf("Of the key, %s.", wrong);
    else if (form->has_options) {
        const std::string_view absent = NoOption(*form, options, right);
        *problem = absent.empty() ? nullptr : psprintf("There is no option \"%s\".", CString(absent));
    }
    return key;
}

const char *
WrongAnswer(std::string_view type, std::string_view answer) {
    const Form *form = FormOf(type);
    JsonbValue value;
    if (pg_mbstrlen_with_len(answer.data(), static_cast<int>(answer.size())) > kMostAnswer)
        return "It is longer than 20,000 characters.";
    if (form == nullptr || answer.empty() || ReadWritten(*form, answer, &value))
        return nullptr;
    return form->written == Form::Truth   ? "It is neither true nor false."
           : form->written == Form::Pairs ? "It is no JSON object of ids."
                                          : "It is no JSON array of ids.";
}

double
CreditOfText(Jsonb *key, std::string_view answer) {
    JsonbValue kind, value;
    if (!Member(&key->root, "kind", &kind) || kind.type != jbvString || answer.empty())
        return 0;
    const auto *form = std::find_if(std::begin(kForms), std::end(kForms),
                                    [&kind](const Form &known) { return known.kind == StringOf(kind); });
    if (form == std::end(kForms) || !ReadWritten(*form, answer, &value))
        return 0;
    return CreditOf(key, value);
}

} // namespace laurel::grading
