#include "access/origin.h"

#include "access/caller.h"
#include "kernel/claims.h"
#include "kernel/redaction.h"
#include "postgres/pg.h"

namespace laurel::access {

const char *
RequestId() {
    char id[kernel::kLongestRequestId];
    size_t length = 0;
    if (!kernel::ClaimText(RequestHeaders(), "x-request-id", id, sizeof(id), &length) ||
        !kernel::IsRequestId({id, length}))
        return nullptr;
    return pnstrdup(id, length);
}

const char *
ApplicationName() {
    if (application_name == nullptr || *application_name == '\0')
        return nullptr;
    StringInfoData name;
    initStringInfo(&name);
    kernel::Redact(application_name, [&](std::string_view text) {
        appendBinaryStringInfo(&name, text.data(), static_cast<int>(text.size()));
    });
    return name.data;
}

} // namespace laurel::access
