// Errors as contracts: SQLSTATE, names of schema, table and constraint, detail and hint in one value.
#pragma once

#include "pg.h"

namespace laurel {

constexpr int kConflict = MAKE_SQLSTATE('P', 'T', '4', '0', '9'); // PostgREST answers HTTP 409
constexpr int kTooOften = MAKE_SQLSTATE('P', 'T', '4', '2', '9'); // and HTTP 429

// What a refusal says. Message lower case without full stop; detail and hint whole sentences; texts are
// palloc'd or static.
struct Refused {
    int sqlstate = ERRCODE_CHECK_VIOLATION;
    const char *message = "";
    const char *detail = nullptr;
    const char *hint = nullptr;
    const char *schema = "laurel";
    const char *table = nullptr;
    const char *constraint = nullptr;
};

// Raises the refusal; never returns.
[[noreturn]] inline void
Refuse(const Refused &refused) {
    ereport(ERROR,
            (errcode(refused.sqlstate), errmsg("%s", refused.message),
             refused.detail ? errdetail("%s", refused.detail) : 0,
             refused.hint ? errhint("%s", refused.hint) : 0,
             refused.table ? err_generic_string(PG_DIAG_SCHEMA_NAME, refused.schema) : 0,
             refused.table ? err_generic_string(PG_DIAG_TABLE_NAME, refused.table) : 0,
             refused.constraint ? err_generic_string(PG_DIAG_CONSTRAINT_NAME, refused.constraint) : 0));
    pg_unreachable();
}

} // namespace laurel
