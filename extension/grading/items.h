// Reading jsonb member by member.
#pragma once

#include "postgres/datum.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace laurel::grading {

inline std::string_view
StringOf(const JsonbValue &value) {
    return {value.val.string.val, static_cast<size_t>(value.val.string.len)};
}

inline double
NumberOf(const JsonbValue &value) {
    return DatumGetFloat8(
        DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value.val.numeric)));
}

inline bool
IsObject(const JsonbValue &value) {
    return value.type == jbvBinary && JsonContainerIsObject(value.val.binary.data);
}

inline bool
IsArray(const JsonbValue &value) {
    return value.type == jbvBinary && JsonContainerIsArray(value.val.binary.data) &&
           !JsonContainerIsScalar(value.val.binary.data);
}

// A member of an object; false where there is none.
inline bool
Member(JsonbContainer *object, std::string_view name, JsonbValue *value) {
    return getKeyJsonValueFromContainer(object, name.data(), static_cast<int>(name.size()), value) != nullptr;
}

// The members of an object, or elements of an array, one by one.
class Items {
public:
    explicit Items(JsonbContainer *container) : iterator_(JsonbIteratorInit(container)) {
        JsonbValue value;
        JsonbIteratorNext(&iterator_, &value, true);
    }

    bool Next(JsonbValue *element) { return JsonbIteratorNext(&iterator_, element, true) == WJB_ELEM; }

    bool Next(std::string_view *name, JsonbValue *value) {
        JsonbValue key;
        if (JsonbIteratorNext(&iterator_, &key, true) != WJB_KEY)
            return false;
        *name = StringOf(key);
        JsonbIteratorNext(&iterator_, value, true);
        return true;
    }

private:
    JsonbIterator *iterator_;
};

} // namespace laurel::grading
