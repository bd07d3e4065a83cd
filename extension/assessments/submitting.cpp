// Attempts that are handed in, by whoever takes them or by the job when the time is over.

#include "assessments/attempts.h"
#include "guards/derived_write.h"
#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/trigger.h"

namespace laurel::assessments {

namespace {

constexpr char kJob[] = "assessments";

// What keys say of all answers at once; questions without an answer get a row, worth nothing. Where there is
// no key people mark.
Statement grade = Statement(R"(WITH worth AS MATERIALIZED (
            SELECT v.question_id, v.version, r.id, coalesce(c.credit = 1, false) AS is_right,
                v.answer_key IS NULL AND r.answer IS NOT NULL AS waits,
                pg_catalog.trim_scale(pg_catalog.round((v.points * coalesce(c.credit, 0))::pg_catalog.numeric, 10)) AS earned,
                CASE WHEN c.credit = 0 THEN v.penalty ELSE 0 END AS lost
            FROM ROWS FROM (pg_catalog.unnest($6), pg_catalog.unnest($7)) AS q (id, version)
                JOIN ONLY laurel.question_versions v
                    ON v.organization_id = $1 AND v.question_id = q.id AND v.version = q.version
                LEFT JOIN ONLY laurel.responses r
                    ON r.organization_id = $1 AND r.attempt_id = $5 AND r.question_id = q.id,
                LATERAL (SELECT laurel_internal.credit(v.answer_key, r.answer) OFFSET 0) AS c (credit)
        ), graded AS (
            UPDATE ONLY laurel.responses r SET is_correct = CASE WHEN NOT w.waits THEN w.is_right END,
                points_earned = CASE WHEN NOT w.waits THEN w.earned END, points_lost = w.lost, needs_marking = w.waits
            FROM worth w WHERE r.organization_id = $1 AND r.id = w.id
        ), added AS (
            INSERT INTO laurel.responses (organization_id, assessment_id, beneficiary_id, user_id, attempt_id,
                attempt_number, question_id, version, is_correct, points_earned)
            SELECT $1, $2, $3, $4, $5, $8, w.question_id, w.version, false, 0 FROM worth w WHERE w.id IS NULL
        ) SELECT pg_catalog.count(*) FILTER (WHERE waits) FROM worth)",
                            UUIDOID, UUIDOID, UUIDOID, UUIDOID, UUIDOID, UUIDARRAYOID, INT8ARRAYOID, INT4OID)
                      .Returns(INT8OID)
                      .Generic();

Statement close_attempt = Statement(R"(UPDATE ONLY laurel.assessment_attempts SET status = $3,
            submitted_at = least(pg_catalog.clock_timestamp(), due_at), session_hash = NULL,
            graded_at = CASE WHEN $3 = 'graded' THEN pg_catalog.clock_timestamp() END
        WHERE organization_id = $1 AND id = $2 AND status = 'in_progress')",
                                    UUIDOID, UUIDOID, TEXTOID);

Statement write_result =
    Statement(
        R"(INSERT INTO laurel.assessment_results (organization_id, assessment_id, beneficiary_id, user_id,
            attempt_id, score, max_score, percentage, passed, time_taken, analysis_id)
        SELECT t.organization_id, t.assessment_id, t.beneficiary_id, t.user_id, t.id, s.score, t.max_score, p.percentage,
            p.percentage >= a.passing_score,
            pg_catalog.floor(pg_catalog.date_part('epoch', t.submitted_at - t.started_at))::pg_catalog.int4,
            CASE WHEN a.wants_analysis THEN pg_catalog.gen_random_uuid() END
        FROM ONLY laurel.assessment_attempts t
            JOIN ONLY laurel.assessments a ON a.organization_id = $1 AND a.id = t.assessment_id,
            LATERAL (SELECT pg_catalog.trim_scale(greatest(0, pg_catalog.sum(r.points_earned - r.points_lost))) AS score
                FROM ONLY laurel.responses r WHERE r.organization_id = $1 AND r.attempt_id = $2) s,
            LATERAL (SELECT CASE WHEN t.max_score = 0 THEN 0
                ELSE pg_catalog.trunc(pg_catalog.round(s.score * 100 / t.max_score, 6), 2) END AS percentage) p
        WHERE t.organization_id = $1 AND t.id = $2)",
        UUIDOID, UUIDOID)
        .Generic();

Statement find_result =
    Statement(R"(SELECT t.id, t.status, s.score, t.max_score, s.percentage, s.passed, s.time_taken,
            (SELECT pg_catalog.count(*) FROM ONLY laurel.responses r
             WHERE r.organization_id = $1 AND r.attempt_id = $2 AND r.needs_marking)::pg_catalog.int4
        FROM ONLY laurel.assessment_attempts t LEFT JOIN ONLY laurel.assessment_results s
            ON s.organization_id = $1 AND s.attempt_id = t.id
        WHERE t.organization_id = $1 AND t.id = $2)",
              UUIDOID, UUIDOID)
        .Returns(UUIDOID, TEXTOID, NUMERICOID, INT4OID, NUMERICOID, BOOLOID, INT4OID, INT4OID);
constexpr int kResults = 8;

Statement organizations_overdue =
    Statement(R"(SELECT DISTINCT organization_id FROM ONLY laurel.assessment_attempts
        WHERE status = 'in_progress' AND due_at <= pg_catalog.clock_timestamp() ORDER BY 1)")
        .Returns(UUIDOID);

// Who hands one in just now is not waited for.
Statement find_overdue = Statement(R"(SELECT id FROM ONLY laurel.assessment_attempts
        WHERE organization_id = $1 AND status = 'in_progress' AND due_at <= pg_catalog.clock_timestamp()
        ORDER BY id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED)",
                                   UUIDOID)
                             .Returns(UUIDOID);

uint64
SubmitOverdue(const Uuid &organization) {
    const uint64 count = find_overdue.Run(Access::Write, FromUuid(organization));
    auto *ids = NewList<Uuid>(count);
    for (uint64 i = 0; i < count; i++)
        ids[i] = ToUuid(Field(i, 1));
    uint64 submitted = 0;
    const auto submit = [&](int64 first, int64 some) {
        const SpiConnection spi;
        for (int64 i = first; i < first + some; i++) {
            Attempt attempt;
            if (LockAttempt(ids[i], &attempt) && attempt.IsOpen())
                Submit(attempt);
        }
        submitted += static_cast<uint64>(some);
    };
    RunHalving(0, static_cast<int64>(count), submit, [&](int64 failed, ErrorData *error) {
        jobs::NoteFailure(kJob, organization, *error);
        ereport(
            WARNING,
            (errcode(error->sqlerrcode),
             errmsg("attempt %s, whose time is over, stays open: %s", UuidText(ids[failed]), error->message),
             errhint("The other attempts are handed in. This one is tried again at the next call.")));
    });
    return submitted;
}

void
TellFailure(const Uuid &organization, const ErrorData &error) {
    jobs::TellFailure(
        kJob, organization, error,
        psprintf("attempts of organization %s whose time is over stay open", UuidText(organization)));
}

Datum
Submitted(FunctionCallInfo fcinfo, MemoryContext memory, const Attempt &attempt) {
    find_result.Run(Access::Write, {FromUuid(attempt.organization), FromUuid(attempt.id)});
    Datum values[kResults];
    bool nulls[kResults];
    Fields(0, kResults, values, nulls);
    const MemoryContext before = MemoryContextSwitchTo(memory);
    const Datum result = ResultRow(fcinfo, values, nulls);
    MemoryContextSwitchTo(before);
    return result;
}

} // namespace

void
Submit(const Attempt &attempt) {
    const Oid responses = TableOid("responses"), attempts = TableOid("assessment_attempts");
    {
        const guards::DerivedWrite writing({responses});
        grade.Run(Access::Write, {FromUuid(attempt.organization), FromUuid(attempt.assessment),
                                  FromUuid(attempt.beneficiary), FromUuid(attempt.user), FromUuid(attempt.id),
                                  attempt.questions, attempt.versions, Int32GetDatum(attempt.number)});
    }
    const bool is_graded = DatumGetInt64(Field(0, 1)) == 0;
    {
        const guards::DerivedWrite writing({attempts});
        if (close_attempt.Run(Access::Write, {FromUuid(attempt.organization), FromUuid(attempt.id),
                                              FromText(is_graded ? "graded" : "submitted")}) == 0)
            RefuseDropped(attempts, "a trigger dropped the attempt");
    }
    if (is_graded)
        WriteResult(attempt);
}

void
WriteResult(const Attempt &attempt) {
    const Oid results = TableOid("assessment_results");
    const guards::DerivedWrite writing({results});
    if (write_result.Run(Access::Write, {FromUuid(attempt.organization), FromUuid(attempt.id)}) == 0)
        RefuseDropped(results, "a trigger dropped the result");
}

// laurel.submit_attempt(attempt, session_key, answers)
LAUREL_FUNCTION(laurel_submit_attempt) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "attempt_id"));
    const MemoryContext memory = CurrentMemoryContext;
    const Asking asking = Ask();
    const AsOwner owner(OwnerOf(TableOid("responses")));
    const SpiConnection spi;
    const Attempt attempt = LockOwnAttempt(asking, id);
    if (!PG_ARGISNULL(2)) {
        RequireInTime(attempt);
        RequireSession(asking, attempt, Argument(fcinfo, 1));
        SaveAnswers(attempt, PG_GETARG_DATUM(2), Nullable());
    }
    if (attempt.IsOpen()) {
        if (!attempt.is_late)
            RequireSession(asking, attempt, Argument(fcinfo, 1));
        Submit(attempt);
    }
    return Submitted(fcinfo, memory, attempt);
}

// laurel.submit_overdue_attempts()
LAUREL_FUNCTION(laurel_submit_overdue_attempts) {
    int64 submitted;
    {
        const AsOwner owner(OwnerOf(TableOid("assessment_attempts")));
        const SpiConnection spi;
        submitted = jobs::SweepOrganizations(organizations_overdue, SubmitOverdue, TellFailure);
    }
    jobs::ForgetFailures(kJob, GetCurrentTransactionStartTimestamp());
    PG_RETURN_INT64(submitted);
}

} // namespace laurel::assessments
