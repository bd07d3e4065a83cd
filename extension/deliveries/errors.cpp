#include "deliveries/errors.h"

#include "kernel/redaction.h"

namespace laurel::deliveries {

namespace {

constexpr int kMaxError = 500;
constexpr size_t kMostRead = 20'000; // of an error, as much as the worker keeps of an answer

} // namespace

bool
ConcernsAll(int sqlstate) {
    constexpr int kOwn[] = {ERRCODE_DATA_EXCEPTION, ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION,
                            ERRCODE_PROGRAM_LIMIT_EXCEEDED, ERRCODE_INTERNAL_ERROR, ERRCODE_PLPGSQL_ERROR};
    return std::find(std::begin(kOwn), std::end(kOwn), ERRCODE_TO_CATEGORY(sqlstate)) == std::end(kOwn);
}

std::string_view
LoggedError(std::string_view error) {
    StringInfoData out;
    initStringInfo(&out);
    kernel::Redact(error.substr(0, kMostRead), [&](std::string_view text) {
        appendBinaryStringInfo(&out, text.data(), static_cast<int>(text.size()));
    });
    const int length = out.len <= kMaxError ? out.len : pg_mbcliplen(out.data, out.len, kMaxError);
    return {out.data, static_cast<size_t>(length)};
}

} // namespace laurel::deliveries
