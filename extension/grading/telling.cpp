#include "telling.h"

#include "grading/items.h"
#include "postgres/list.h"

namespace laurel::grading {

namespace {

// Members of a question that would tell what is right, in small letters and without what stands between
// words.
constexpr std::string_view kTelling[] = {"answer", "answers",   "key",     "pattern",
                                         "right",  "tolerance", "variants"};
// The same wherever they stand, as in an option.
constexpr std::string_view kTellingAnywhere[] = {
    "correct",         "correctanswer", "correctanswers", "correctoption", "correctoptions", "iscorrect",
    "iscorrectanswer", "isright",       "rightanswer",    "rightanswers",  "solution",       "solutions"};

// Without letters' case, and signs between words.
std::string_view
PlainName(std::string_view name) {
    auto *plain = NewList<char>(name.size());
    size_t length = 0;
    for (const char c : name)
        if (c != '_' && c != '-' && c != ' ')
            plain[length++] = static_cast<char>(pg_ascii_tolower(static_cast<unsigned char>(c)));
    return {plain, length};
}

template <size_t count>
bool
IsAmong(const std::string_view (&names)[count], std::string_view name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

} // namespace

std::string_view
TellingMember(JsonbContainer *question) {
    JsonbIterator *iterator = JsonbIteratorInit(question);
    JsonbValue value;
    int level = 0;
    for (;;) {
        const JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, false);
        if (token == WJB_DONE)
            return {};
        level += (token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY) -
                 (token == WJB_END_OBJECT || token == WJB_END_ARRAY);
        if (token != WJB_KEY)
            continue;
        const std::string_view name = StringOf(value), plain = PlainName(name);
        if (IsAmong(kTellingAnywhere, plain) || (level == 1 && IsAmong(kTelling, plain)))
            return name;
    }
}

} // namespace laurel::grading
