#include "catalog_path.h"

extern "C" {
#include "parser/parse_expr.h"
#include "parser/parser.h"
#include "pgtime.h"
#include "utils/bytea.h"
#include "utils/float.h"
}

namespace laurel {

namespace {

// A setting that anybody may change and that decides what a literal says or how a value is written.
struct LiteralSetting {
    const char *name;
    const char *value;
    bool (*is_so)();
};

constexpr LiteralSetting kLiteralSettings[] = {
    {"standard_conforming_strings", "on", [] { return standard_conforming_strings; }},
    {"transform_null_equals", "off", [] { return !Transform_null_equals; }},
    {"array_nulls", "on", [] { return Array_nulls; }},
    {"TimeZone", "UTC", [] { return strcmp(pg_get_timezone_name(session_timezone), "UTC") == 0; }},
    {"DateStyle", "ISO, MDY", [] { return DateStyle == USE_ISO_DATES && DateOrder == DATEORDER_MDY; }},
    {"IntervalStyle", "postgres", [] { return IntervalStyle == INTSTYLE_POSTGRES; }},
    {"bytea_output", "hex", [] { return bytea_output == BYTEA_OUTPUT_HEX; }},
    {"extra_float_digits", "1", [] { return extra_float_digits == 1; }},
};

// Until the nest level ends.
void
Set(const char *name, const char *value) {
    set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

void
SetLiterals() {
    for (const LiteralSetting &setting : kLiteralSettings)
        if (!setting.is_so())
            Set(setting.name, setting.value);
}

} // namespace

CatalogPath::CatalogPath(Strength strength) {
    Oid first = InvalidOid;
    if (strength == IfNeeded && fetch_search_path_array(&first, 1) > 0 && first == PG_CATALOG_NAMESPACE)
        return;
    guc_level_ = NewGUCNestLevel();
    Set("search_path", "pg_catalog, pg_temp");
    if (strength == Force)
        SetLiterals();
}

CatalogPath::~CatalogPath() {
    if (guc_level_ > 0)
        AtEOXact_GUC(true, guc_level_);
}

PlainLiterals::PlainLiterals() : guc_level_(NewGUCNestLevel()) {
    SetLiterals();
}

PlainLiterals::~PlainLiterals() {
    AtEOXact_GUC(true, guc_level_);
}

} // namespace laurel
