// Objects of jsonb, written member by member.
#pragma once

#include "pg.h"

namespace laurel {

// An object under construction. Texts must live until Finish(); keys come in any order.
class JsonbObject {
public:
    JsonbObject() { pushJsonbValue(&state_, WJB_BEGIN_OBJECT, nullptr); }
    JsonbObject(const JsonbObject &) = delete;
    JsonbObject &operator=(const JsonbObject &) = delete;

    JsonbObject &Text(std::string_view key, std::string_view text) {
        JsonbValue value = String(text);
        return Put(key, &value);
    }

    // A text, or null where there is none.
    JsonbObject &TextOrNull(std::string_view key, std::string_view text) {
        return text.empty() ? Null(key) : Text(key, text);
    }

    JsonbObject &Null(std::string_view key) {
        JsonbValue value;
        value.type = jbvNull;
        return Put(key, &value);
    }

    JsonbObject &Bool(std::string_view key, bool flag) {
        JsonbValue value;
        value.type = jbvBool;
        value.val.boolean = flag;
        return Put(key, &value);
    }

    JsonbObject &Number(std::string_view key, Numeric number) {
        JsonbValue value;
        value.type = jbvNumeric;
        value.val.numeric = number;
        return Put(key, &value);
    }

    JsonbObject &Number(std::string_view key, int64 number) { return Number(key, int64_to_numeric(number)); }

    // An object or array as it is.
    JsonbObject &Nested(std::string_view key, Jsonb *nested) {
        JsonbValue value;
        value.type = jbvBinary;
        value.val.binary.data = &nested->root;
        value.val.binary.len = VARSIZE(nested) - VARHDRSZ;
        return Put(key, &value);
    }

    // Any value as it is.
    JsonbObject &Json(std::string_view key, JsonbValue value) { return Put(key, &value); }

    JsonbObject &Texts(std::string_view key, const std::string_view *texts, int count) {
        Key(key);
        pushJsonbValue(&state_, WJB_BEGIN_ARRAY, nullptr);
        for (int i = 0; i < count; i++) {
            JsonbValue value = String(texts[i]);
            pushJsonbValue(&state_, WJB_ELEM, &value);
        }
        pushJsonbValue(&state_, WJB_END_ARRAY, nullptr);
        return *this;
    }

    Jsonb *Finish() { return JsonbValueToJsonb(pushJsonbValue(&state_, WJB_END_OBJECT, nullptr)); }

private:
    static JsonbValue String(std::string_view text) {
        JsonbValue value;
        value.type = jbvString;
        value.val.string.val = const_cast<char *>(text.data());
        value.val.string.len = static_cast<int>(text.size());
        return value;
    }

    void Key(std::string_view key) {
        JsonbValue value = String(key);
        pushJsonbValue(&state_, WJB_KEY, &value);
    }

    JsonbObject &Put(std::string_view key, JsonbValue *value) {
        Key(key);
        pushJsonbValue(&state_, WJB_VALUE, value);
        return *this;
    }

    JsonbParseState *state_ = nullptr;
};

} // namespace laurel
