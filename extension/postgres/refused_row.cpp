#include "refused_row.h"

#include "foreign_code.h"

namespace laurel {

bool
ActsForLaurel() {
    Oid user;
    int context;
    GetUserIdAndSecContext(&user, &context);
    return (context & kActsForLaurel) != 0;
}

void
RaiseWithoutRow(ErrorData *error) {
    const bool tells_row =
        (error->sqlerrcode == ERRCODE_CHECK_VIOLATION || error->sqlerrcode == ERRCODE_NOT_NULL_VIOLATION) &&
        error->filename != nullptr && std::string_view(error->filename).ends_with("execMain.c");
    if (tells_row)
        error->detail = nullptr;
    ReThrowError(error);
    pg_unreachable();
}

} // namespace laurel
