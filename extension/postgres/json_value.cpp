#include "json_value.h"

#include "datum.h"
#include "kernel/sha256.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
}

namespace laurel {

namespace {

constexpr size_t kLongest = 8192; // bytes

// What stands for a value that is too long.
Jsonb *
Digested(std::string_view bytes) {
    kernel::Digest digest;
    if (!kernel::Sha256::Begin() || !kernel::Sha256::Update(bytes.data(), bytes.size()) ||
        !kernel::Sha256::End(&digest))
        elog(ERROR, "OpenSSL computes no SHA-256");
    char hex[2 * sizeof(digest)];
    hex_encode(reinterpret_cast<const char *>(digest.bytes), sizeof(digest), hex);
    JsonbObject object;
    object.Number("bytes", static_cast<int64>(bytes.size())).Text("sha256", {hex, sizeof(hex)});
    return object.Finish();
}

void
PutText(JsonbObject *object, std::string_view key, std::string_view text) {
    if (text.size() <= kLongest)
        object->Text(key, text);
    else
        object->Nested(key, Digested(text));
}

void
PutJson(JsonbObject *object, std::string_view key, Datum value) {
    Jsonb *json = DatumGetJsonbP(value);
    const size_t size = VARSIZE(json) - VARHDRSZ;
    if (JB_ROOT_IS_SCALAR(json))
        PutText(object, key, JsonbToCString(nullptr, &json->root, static_cast<int>(size)));
    else if (size <= kLongest)
        object->Nested(key, json);
    else
        object->Nested(key, Digested({reinterpret_cast<const char *>(&json->root), size}));
}

const char *
Printed(Datum value, Oid type) {
    Oid function;
    bool is_varlena;
    getTypeOutputInfo(type, &function, &is_varlena);
    return OidOutputFunctionCall(function, value);
}

const char *
InUtc(Datum value, Oid type) {
    constexpr int kUtc = 0;
    return JsonEncodeDateTime(static_cast<char *>(palloc(MAXDATELEN + 1)), value, type,
                              type == TIMESTAMPTZOID ? &kUtc : nullptr);
}

} // namespace

void
PutValue(JsonbObject *object, std::string_view key, const Nullable &value, Oid type) {
    if (value.is_null) {
        object->Null(key);
        return;
    }
    switch (getBaseType(type)) {
    case BOOLOID:
        object->Bool(key, DatumGetBool(value.value));
        break;
    case INT2OID:
        object->Number(key, static_cast<int64>(DatumGetInt16(value.value)));
        break;
    case INT4OID:
        object->Number(key, static_cast<int64>(DatumGetInt32(value.value)));
        break;
    case INT8OID:
        object->Number(key, DatumGetInt64(value.value));
        break;
    case JSONBOID:
        PutJson(object, key, value.value);
        break;
    case DATEOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
        PutText(object, key, InUtc(value.value, getBaseType(type)));
        break;
    default:
        PutText(object, key, Printed(value.value, type));
    }
}

Jsonb *
JsonbTexts(const std::string_view *texts, int count) {
    JsonbParseState *state = nullptr;
    pushJsonbValue(&state, WJB_BEGIN_ARRAY, nullptr);
    for (int i = 0; i < count; i++) {
        JsonbValue value;
        value.type = jbvString;
        value.val.string.val = const_cast<char *>(texts[i].data());
        value.val.string.len = static_cast<int>(texts[i].size());
        pushJsonbValue(&state, WJB_ELEM, &value);
    }
    return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, nullptr));
}

} // namespace laurel
