// Errors of the application: whatever comes is written down, within bounds and without personal values.

#include "access/caller.h"
#include "access/origin.h"
#include "guards/month_partitions.h"
#include "kernel/claims.h"
#include "kernel/redaction.h"
#include "kernel/sha256.h"
#include "postgres/arguments.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/json_text.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace laurel::error_logs {

namespace {

// Counts one more of $1 in this minute, up to $2, and where it is one of those ($3) all who are
// not signed in together up to $4.
Statement count_one =
    Statement(R"(INSERT INTO laurel_internal.error_rates AS r (minute, source, is_anonymous, logged)
        VALUES (pg_catalog.date_trunc('minute', pg_catalog.now(), 'UTC'), $1, $3, 1)
        ON CONFLICT (minute, source) DO UPDATE SET logged = r.logged + 1
        RETURNING r.logged <= $2 AND (NOT $3 OR $4 > (SELECT coalesce(pg_catalog.sum(a.logged), 0)
                FROM ONLY laurel_internal.error_rates a WHERE a.minute = r.minute AND a.is_anonymous)),
            r.minute + '1 minute'::pg_catalog.interval, r.logged)",
              UUIDOID, INT4OID, BOOLOID, INT8OID)
        .Returns(BOOLOID, TIMESTAMPTZOID, INT4OID);

Statement forget_old = Statement(R"(DELETE FROM ONLY laurel_internal.error_rates r USING (
            SELECT minute, source FROM ONLY laurel_internal.error_rates WHERE minute < pg_catalog.now() - '10 minutes'::pg_catalog.interval
            ORDER BY minute, source LIMIT 1000 FOR UPDATE SKIP LOCKED) o WHERE r.minute = o.minute AND r.source = o.source)");

Statement log =
    Statement(
        R"(INSERT INTO laurel.error_logs (organization_id, user_id, error_type, error_message, severity, traceback, context, request_id)
        VALUES ($1, (SELECT m.user_id FROM ONLY laurel.user_organizations m WHERE m.organization_id = $1 AND m.user_id = $2), $3, $4, $5, $6, $7, $8)
        RETURNING id)",
        UUIDOID, UUIDOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, TEXTOID)
        .Returns(UUIDOID);

Statement connected_from =
    Statement("SELECT coalesce(pg_catalog.host(pg_catalog.inet_client_addr()), 'local')").Returns(TEXTOID);

constexpr int32 kMostOfOne = 60;
constexpr int64 kMostOfAnonymous = 1000;
constexpr int kTypeLength = 100, kMessageLength = 2000, kTracebackLength = 20000, kRequestLength = 36;
constexpr std::string_view kSeverities[] = {"debug", "info", "warning", "error", "critical"};

constinit guards::SeenMonth seen_month;

// The text of that argument in so many characters at most, without what must not be stored, and without
// anything that is cut in two; null where it is null.
Nullable
Words(FunctionCallInfo fcinfo, int index, int most) {
    if (PG_ARGISNULL(index))
        return {};
    std::string_view text = ToText(PG_GETARG_DATUM(index));
    // What is looked through is bounded before, what is kept after.
    text = text.substr(0, pg_mbcharcliplen(text.data(), static_cast<int>(text.size()), most * 2));
    StringInfoData kept;
    initStringInfo(&kept);
    kernel::Redact(text, [&kept](std::string_view piece) {
        appendBinaryStringInfo(&kept, piece.data(), static_cast<int>(piece.size()));
    });
    return FromText({kept.data, static_cast<size_t>(pg_mbcharcliplen(kept.data, kept.len, most))});
}

Datum
WordsOr(FunctionCallInfo fcinfo, int index, int most, const char *otherwise) {
    const Nullable words = Words(fcinfo, index, most);
    return words.is_null || ToText(words.value).empty() ? CStringGetTextDatum(otherwise) : words.value;
}

Datum
Severity(FunctionCallInfo fcinfo) {
    const std::string_view named = PG_ARGISNULL(2) ? "" : ToText(PG_GETARG_DATUM(2));
    const bool known = std::any_of(std::begin(kSeverities), std::end(kSeverities),
                                   [&](std::string_view severity) { return severity == named; });
    return known ? FromText(named) : CStringGetTextDatum("error");
}

// The context as it may be kept: an object within bounds, without personal values.
Datum
Context(FunctionCallInfo fcinfo) {
    if (PG_ARGISNULL(4))
        return JsonOf("{}");
    const Datum given = PG_GETARG_DATUM(4);
    if (BeyondBounds(given, {.levels = 16, .bytes = 16 * 1024}) != nullptr)
        return JsonOf(R"({"dropped": "no object, too deep or too large"})");
    const std::string_view text = DatumGetCString(DirectFunctionCall1(jsonb_out, given));
    StringInfoData kept;
    initStringInfo(&kept);
    kernel::Redact(text, [&kept](std::string_view piece) {
        appendBinaryStringInfo(&kept, piece.data(), static_cast<int>(piece.size()));
    });
    const std::string_view redacted(kept.data, static_cast<size_t>(kept.len));
    if (!IsJson(redacted))
        return JsonOf(R"({"dropped": "personal values"})");
    return JsonOf(redacted);
}

// The request that is named, or the one that is running; null where that is too long, or somebody's words.
Nullable
Request(FunctionCallInfo fcinfo) {
    const char *running = access::RequestId();
    const std::string_view named = !PG_ARGISNULL(5)     ? ToText(PG_GETARG_DATUM(5))
                                   : running != nullptr ? std::string_view(running)
                                                        : std::string_view();
    if (named.empty() || named.size() > kRequestLength || !kernel::IsRequestId(named))
        return {};
    return FromText(named);
}

// Where the request comes from: as the proxy says, or else the connection.
std::string_view
Address() {
    const char *headers = GetConfigOption("request.headers", true, false);
    constexpr size_t kLongest = 256;
    char *named = static_cast<char *>(palloc(kLongest));
    size_t length = 0;
    if (headers != nullptr &&
        kernel::ReadClaim(headers, "x-forwarded-for", named, kLongest, &length) == kernel::ClaimState::Valid)
        return std::string_view(named, length).substr(0, std::string_view(named, length).find(','));
    connected_from.Run(Access::Read);
    return ToText(Field(0, 1));
}

// An address is not kept: what counts is a hash of it.
Uuid
SourceOf(const access::Caller &caller) {
    if (caller.known)
        return caller.user;
    const char *named = psprintf("laurel error source:%s", CString(Address()));
    kernel::Digest digest;
    if (!kernel::Sha256::Begin() || !kernel::Sha256::Update(named, strlen(named)) ||
        !kernel::Sha256::End(&digest))
        elog(ERROR, "could not compute SHA-256");
    Uuid source;
    std::memcpy(source.bytes, digest.bytes, sizeof(source.bytes));
    return source;
}

void
RequireRoom(const access::Caller &caller) {
    const Uuid source = SourceOf(caller);
    count_one.Run(Access::Write, {FromUuid(source), Int32GetDatum(kMostOfOne), BoolGetDatum(!caller.known),
                                  Int64GetDatum(kMostOfAnonymous)});
    Row row;
    const bool has_room = DatumGetBool(row.Next());
    const char *next = timestamptz_to_str(DatumGetTimestampTz(row.Next()));
    const bool is_first = DatumGetInt32(row.Next()) == 1;
    if (!has_room)
        Refuse({.sqlstate = kTooOften,
                .message = "too many errors were logged in this minute",
                .detail =
                    psprintf("At most %d from one caller, and %lld of all who are not signed in; next at %s.",
                             kMostOfOne, static_cast<long long>(kMostOfAnonymous), next),
                .hint = "Log the first of its kind, and how often it came.",
                .table = "error_logs",
                .constraint = "error_logs_rate"});
    if (is_first)
        forget_old.Run(Access::Write);
}

} // namespace

// laurel.log_error(type, message, severity, traceback, context, request)
LAUREL_FUNCTION(laurel_log_error) {
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const Oid table = TableOid("error_logs");
    const bool trusted = IsTrusted(table) && !caller.known;
    const Datum type = WordsOr(fcinfo, 0, kTypeLength, "unknown");
    const Datum message = WordsOr(fcinfo, 1, kMessageLength, "no message");
    const Datum severity = Severity(fcinfo), context = Context(fcinfo);
    const Nullable traceback = Words(fcinfo, 3, kTracebackLength), request = Request(fcinfo);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    if (!trusted)
        RequireRoom(caller);
    guards::EnsureMonth(table, GetCurrentTimestamp(), &seen_month);
    const Nullable organization(FromUuid(caller.organization), !caller.has_organization);
    const Nullable user(FromUuid(caller.user), !caller.known);
    log.Write({organization, user, type, message, severity, traceback, context, request});
    return CopyUuid(ToUuid(Field(0, 1)));
}

} // namespace laurel::error_logs
