// JSON without somebody's name.

#include "postgres/bridge.h"
#include "postgres/datum.h"
#include "postgres/growing.h"

extern "C" {
#include "catalog/pg_collation.h"
#include "utils/fmgrprotos.h"
}

namespace laurel::privacy {

namespace {

// Replaces a pattern in a text, wherever it is; `flags` as regexp_replace takes them.
Datum
Replaced(Datum text, Datum pattern, const char *flags) {
    return DirectFunctionCall4Coll(textregexreplace, DEFAULT_COLLATION_OID, text, pattern,
                                   CStringGetTextDatum("[Deleted User]"), CStringGetTextDatum(flags));
}

// How somebody is found: in capitals or not, and as it is written.
struct Names {
    Datum anywhere;
    Datum words;
};

// A key is not for a single word of a name.
Datum
Redacted(const Names &names, bool are_keys, Datum text) {
    const Datum redacted = Replaced(text, names.anywhere, "gi");
    return are_keys ? redacted : Replaced(redacted, names.words, "g");
}

// Texts that are redacted at once, one behind the other: to begin with each costs more than to look through
// it.
class Texts {
public:
    explicit Texts(bool are_keys) : are_keys_(are_keys) { initStringInfo(&all_); }

    void Add(const JsonbValue &value) {
        const std::string_view text(value.val.string.val, static_cast<size_t>(value.val.string.len));
        texts_.Add(text);
        NoteControls(text);
    }

    void Redact(const Names &names) {
        if (texts_.count() == 0)
            return;
        NoteControls(ToText(names.anywhere));
        NoteControls(ToText(names.words));
        const char *between = FindUnused();
        if (between == nullptr) {
            for (std::string_view &text : texts_)
                text = ToText(Redacted(names, are_keys_, FromText(text)));
            return;
        }
        for (const std::string_view &text : texts_) {
            appendBinaryStringInfo(&all_, text.data(), static_cast<int>(text.size()));
            appendStringInfoChar(&all_, *between);
        }
        std::string_view rest =
            ToText(Redacted(names, are_keys_, FromText({all_.data, static_cast<size_t>(all_.len)})));
        for (std::string_view &text : texts_) {
            const size_t end = rest.find(*between);
            text = rest.substr(0, end);
            rest.remove_prefix(end + 1);
        }
    }

    // In the order in which they were added.
    void Take(JsonbValue *value) {
        const std::string_view &text = texts_[taken_++];
        value->val.string.val = const_cast<char *>(text.data());
        value->val.string.len = static_cast<int>(text.size());
    }

private:
    static constexpr int kControls = 32;

    void NoteControls(std::string_view text) {
        for (const char c : text)
            if (static_cast<unsigned char>(c) < kControls)
                has_[static_cast<unsigned char>(c)] = true;
    }

    // A character that stands in no text, and in no name: none of blanks.
    const char *FindUnused() const {
        static constexpr char kBetween[] = "\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15";
        const char *end = kBetween + sizeof(kBetween) - 1;
        const char *found =
            std::find_if(kBetween, end, [this](char c) { return !has_[static_cast<int>(c)]; });
        return found == end ? nullptr : found;
    }

    bool are_keys_;
    Growing<std::string_view> texts_;
    int64 taken_ = 0;
    bool has_[kControls] = {};
    StringInfoData all_;
};

bool
IsString(JsonbIteratorToken token, const JsonbValue &value) {
    return token == WJB_KEY || ((token == WJB_VALUE || token == WJB_ELEM) && value.type == jbvString);
}

bool
HasValue(JsonbIteratorToken token) {
    return token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM;
}

} // namespace

// laurel_internal.redact_json(value, anywhere, words): what is in strings; numbers, true and null are
// nobody's name.
LAUREL_FUNCTION(laurel_redact_json) {
    Jsonb *json = PG_GETARG_JSONB_P(0);
    const Names names = {PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)};
    Texts keys(true), strings(false);
    JsonbIterator *iterator = JsonbIteratorInit(&json->root);
    JsonbValue value, *result = nullptr;
    JsonbIteratorToken token;
    while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
        if (IsString(token, value))
            (token == WJB_KEY ? keys : strings).Add(value);
    keys.Redact(names);
    strings.Redact(names);
    JsonbParseState *state = nullptr;
    iterator = JsonbIteratorInit(&json->root);
    while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE) {
        if (IsString(token, value))
            (token == WJB_KEY ? keys : strings).Take(&value);
        // The one value of a scalar is in an array that says so.
        const bool begins_scalar = token == WJB_BEGIN_ARRAY && value.val.array.rawScalar;
        result = pushJsonbValue(&state, token, HasValue(token) || begins_scalar ? &value : nullptr);
    }
    return JsonbPGetDatum(JsonbValueToJsonb(result));
}

} // namespace laurel::privacy
