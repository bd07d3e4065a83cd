#include "json_text.h"

extern "C" {
#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "utils/fmgrprotos.h"
}

namespace laurel {

bool
IsJson(std::string_view text) {
    char *copy = pnstrdup(text.data(), text.size());
    const int length = static_cast<int>(text.size());
#if PG_VERSION_NUM >= 170000
    JsonLexContext *lexer = makeJsonLexContextCstringLen(nullptr, copy, length, GetDatabaseEncoding(), true);
#else
    JsonLexContext *lexer = makeJsonLexContextCstringLen(copy, length, GetDatabaseEncoding(), true);
#endif
    return pg_parse_json(lexer, &nullSemAction) == JSON_SUCCESS;
}

Datum
JsonOf(std::string_view text) {
    return DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(text.data(), text.size())));
}

} // namespace laurel
