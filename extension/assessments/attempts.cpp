#include "attempts.h"

#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/token.h"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace laurel::assessments {

namespace {

Statement lock_attempt =
    Statement(
        R"(SELECT organization_id, assessment_id, beneficiary_id, user_id, attempt_number, status, due_at,
            coalesce(due_at <= pg_catalog.clock_timestamp(), false), questions, versions, session_hash
        FROM ONLY laurel.assessment_attempts WHERE id = $1 FOR NO KEY UPDATE)",
        UUIDOID)
        .Returns(UUIDOID, UUIDOID, UUIDOID, UUIDOID, INT4OID, TEXTOID, TIMESTAMPTZOID, BOOLOID, UUIDARRAYOID,
                 INT8ARRAYOID, BYTEAOID);

} // namespace

Asking
Ask() {
    access::NoticeChanges();
    return {IsTrusted(TableOid("assessment_attempts")), access::CurrentCaller()};
}

bool
LockAttempt(const Uuid &id, Attempt *attempt) {
    if (lock_attempt.Run(Access::Write, FromUuid(id)) == 0)
        return false;
    Row row;
    attempt->id = id;
    for (Uuid *part : {&attempt->organization, &attempt->assessment, &attempt->beneficiary, &attempt->user})
        *part = ToUuid(row.Next());
    attempt->number = DatumGetInt32(row.Next());
    attempt->status = ToText(row.Next());
    bool is_null;
    const Datum due = row.Next(&is_null);
    attempt->due = is_null ? nullptr : pstrdup(timestamptz_to_str(DatumGetTimestampTz(due)));
    attempt->is_late = DatumGetBool(row.Next());
    attempt->questions = row.Next();
    attempt->versions = row.Next();
    attempt->session_hash.value = row.Next(&attempt->session_hash.is_null);
    return true;
}

Attempt
LockOwnAttempt(const Asking &asking, const Uuid &id) {
    Attempt attempt;
    if (LockAttempt(id, &attempt) && (asking.trusted || asking.Is(attempt.organization, attempt.user)))
        return attempt;
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("there is no attempt %s of yours", UuidText(id)),
            .hint = access::HintOr("Who takes an assessment answers in the organization of it."),
            .table = "assessment_attempts",
            .constraint = "assessment_attempts_pkey"});
}

void
RequireInTime(const Attempt &attempt) {
    if (!attempt.IsOpen())
        Refuse({.sqlstate = kConflict,
                .message = "the attempt was handed in",
                .detail = psprintf("It is %s.", CString(attempt.status)),
                .hint = "Answers are saved before.",
                .table = "responses",
                .constraint = "responses_attempt_open"});
    if (attempt.is_late)
        Refuse({.sqlstate = kConflict,
                .message = "the time is over",
                .detail = psprintf("It was until %s.", attempt.due),
                .hint = "What was saved before counts; submit the attempt without answers.",
                .table = "responses",
                .constraint = "responses_in_time"});
}

void
RequireSession(const Asking &asking, const Attempt &attempt, const Nullable &key) {
    if (key.is_null && asking.trusted)
        return;
    if (!key.is_null && !attempt.session_hash.is_null &&
        DatumGetBool(DirectFunctionCall2(byteaeq, TokenHash(ToText(key.value)), attempt.session_hash.value)))
        return;
    Refuse({.sqlstate = kConflict,
            .message = "the attempt is open in another session",
            .hint = "laurel.start_attempt() opens it here, and closes it there.",
            .table = "assessment_attempts",
            .constraint = "assessment_attempts_session"});
}

} // namespace laurel::assessments
