// Attempts that are graded anew, by questions as they are now; and results after a mark or a key was
// corrected.

#include "assessments/attempts.h"
#include "guards/derived_write.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"

namespace laurel::assessments {

namespace {

Statement find_author =
    Statement("SELECT organization_id, trainer_id FROM ONLY laurel.assessments WHERE id = $1", UUIDOID)
        .Returns(UUIDOID, UUIDOID);

Statement find_graded = Statement(R"(SELECT id FROM ONLY laurel.assessment_attempts
        WHERE organization_id = $1 AND assessment_id = $2 AND status <> 'in_progress' ORDER BY id)",
                                  UUIDOID, UUIDOID)
                            .Returns(UUIDOID);

Statement pin_current =
    Statement(R"(INSERT INTO laurel.question_versions (organization_id, question_id, version, text, type,
            options, correct_answer, answer_key, points, penalty, required, rubric, explanation)
        SELECT q.organization_id, q.id, q.version, q.text, q.type, q.options, q.correct_answer, q.answer_key, q.points,
            q.penalty, q.required, q.rubric, q.explanation
        FROM ONLY laurel.questions q WHERE q.organization_id = $1 AND ($3 IS NULL OR q.id = $3) AND q.id IN (
            SELECT pg_catalog.unnest(t.questions) FROM ONLY laurel.assessment_attempts t
            WHERE t.organization_id = $1 AND t.assessment_id = $2)
        ORDER BY q.id ON CONFLICT (organization_id, question_id, version) DO NOTHING)",
              UUIDOID, UUIDOID, UUIDOID);

// The versions of an attempt, those of the questions to regrade as they are now.
Statement move_versions =
    Statement(R"(UPDATE ONLY laurel.assessment_attempts t SET versions = n.versions, max_score = n.points
        FROM (SELECT pg_catalog.array_agg(v.version ORDER BY q.place) AS versions, pg_catalog.sum(v.points)::pg_catalog.int4 AS points
            FROM ONLY laurel.assessment_attempts o, LATERAL ROWS FROM (pg_catalog.unnest(o.questions), pg_catalog.unnest(o.versions))
                WITH ORDINALITY AS q (id, version, place)
                JOIN ONLY laurel.questions c ON c.organization_id = $1 AND c.id = q.id
                JOIN ONLY laurel.question_versions v ON v.organization_id = $1 AND v.question_id = q.id
                    AND v.version = CASE WHEN $3 IS NULL OR q.id = $3 THEN c.version ELSE q.version END
            WHERE o.organization_id = $1 AND o.id = $2) n
        WHERE t.organization_id = $1 AND t.id = $2 AND (t.versions <> n.versions))",
              UUIDOID, UUIDOID, UUIDOID);

// Answers by their keys as they are now; what people have marked keeps its mark, as far as it may be that
// much.
Statement regrade = Statement(R"(WITH worth AS MATERIALIZED (
            SELECT r.id, r.user_id, v.version, v.answer_key IS NULL AND r.needs_marking AS waits, r.points_earned AS before,
                CASE WHEN v.answer_key IS NULL AND r.points_earned IS NOT NULL THEN least(r.points_earned, v.points)
                    ELSE pg_catalog.trim_scale(pg_catalog.round((v.points * coalesce(c.credit, 0))::pg_catalog.numeric, 10)) END AS earned,
                CASE WHEN c.credit = 0 THEN v.penalty ELSE 0 END AS lost, v.points, v.answer_key IS NOT NULL AND c.credit = 1 AS is_right,
                v.answer_key IS NULL AS by_people
            FROM ONLY laurel.assessment_attempts t,
                LATERAL ROWS FROM (pg_catalog.unnest(t.questions), pg_catalog.unnest(t.versions)) AS q (id, version)
                JOIN ONLY laurel.question_versions v ON v.organization_id = $1 AND v.question_id = q.id AND v.version = q.version
                JOIN ONLY laurel.responses r ON r.organization_id = $1 AND r.attempt_id = $2 AND r.question_id = q.id,
                LATERAL (SELECT laurel_internal.credit(v.answer_key, r.answer) OFFSET 0) AS c (credit)
            WHERE t.organization_id = $1 AND t.id = $2
        ), moved AS (
            INSERT INTO laurel.response_marks (organization_id, user_id, response_id, kind, points, points_before, feedback, marked_by)
            SELECT $1, w.user_id, w.id, 'regrade', w.earned, w.before, $3, $4 FROM worth w
            WHERE NOT w.waits AND w.earned IS DISTINCT FROM w.before
        ), written AS (
            UPDATE ONLY laurel.responses r SET version = w.version, points_earned = CASE WHEN NOT w.waits THEN w.earned END,
                points_lost = w.lost, needs_marking = w.waits,
                is_correct = CASE WHEN NOT w.waits THEN CASE WHEN w.by_people THEN w.earned >= w.points AND r.answer IS NOT NULL ELSE w.is_right END END
            FROM worth w WHERE r.organization_id = $1 AND r.id = w.id
                AND (r.version, coalesce(r.points_earned, -1), r.points_lost, r.needs_marking)
                    IS DISTINCT FROM (w.version, coalesce(CASE WHEN NOT w.waits THEN w.earned END, -1), w.lost, w.waits)
            RETURNING r.id
        ) SELECT pg_catalog.count(*) FROM written)",
                              UUIDOID, UUIDOID, TEXTOID, UUIDOID)
                        .Returns(INT8OID);

Statement find_waiting = Statement(R"(SELECT FROM ONLY laurel.responses
        WHERE organization_id = $1 AND attempt_id = $2 AND needs_marking LIMIT 1)",
                                   UUIDOID, UUIDOID);

Statement close_graded = Statement(R"(UPDATE ONLY laurel.assessment_attempts SET status = 'graded'
        WHERE organization_id = $1 AND id = $2 AND status = 'submitted')",
                                   UUIDOID, UUIDOID);

// A result that is another now asks for another analysis.
Statement correct_result = Statement(
    R"(UPDATE ONLY laurel.assessment_results s SET score = n.score, max_score = n.max_score, percentage = n.percentage,
            passed = n.percentage >= a.passing_score,
            analysis_id = CASE WHEN a.wants_analysis THEN pg_catalog.gen_random_uuid() END, analysed_at = NULL, ai_analysis = NULL, recommendations = NULL
        FROM (SELECT t.id, t.assessment_id, t.max_score, c.score, CASE WHEN t.max_score = 0 THEN 0
                    ELSE pg_catalog.trunc(pg_catalog.round(c.score * 100 / t.max_score, 6), 2) END AS percentage
                FROM ONLY laurel.assessment_attempts t, LATERAL (
                    SELECT pg_catalog.trim_scale(greatest(0, pg_catalog.sum(r.points_earned - r.points_lost))) AS score
                    FROM ONLY laurel.responses r WHERE r.organization_id = $1 AND r.attempt_id = $2) c
                WHERE t.organization_id = $1 AND t.id = $2) n
            JOIN ONLY laurel.assessments a ON a.organization_id = $1 AND a.id = n.assessment_id
        WHERE s.organization_id = $1 AND s.attempt_id = n.id AND (s.score, s.max_score) IS DISTINCT FROM (n.score, n.max_score))",
    UUIDOID, UUIDOID);

// The organization of an assessment that the caller may regrade.
Uuid
RequireAuthor(const Asking &asking, const Uuid &id) {
    bool is_null = true;
    if (find_author.Run(Access::Write, FromUuid(id)) > 0) {
        const Uuid organization = ToUuid(Field(0, 1));
        const Datum trainer = Field(0, 2, &is_null);
        const access::Caller &caller = asking.caller;
        const bool is_own =
            !is_null && (caller.roles & access::kTrainer) != 0 && asking.Is(organization, ToUuid(trainer));
        if (asking.trusted || is_own || access::Administers(caller, organization))
            return organization;
    }
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("there is no assessment %s that you may regrade", UuidText(id)),
            .hint = access::HintOr("Its trainer and administrators regrade."),
            .table = "assessments",
            .constraint = "assessments_pkey"});
}

// Whether its result is another now.
bool
Regrade(const Attempt &attempt, const Nullable &question, const Nullable &reason, const Nullable &marker) {
    const Datum organization = FromUuid(attempt.organization), id = FromUuid(attempt.id);
    {
        const guards::DerivedWrite writing({TableOid("assessment_attempts")});
        move_versions.Run(Access::Write, {organization, id, question});
    }
    {
        const guards::DerivedWrite writing({TableOid("responses")});
        regrade.Run(Access::Write, {organization, id, reason, marker});
    }
    return SettleAttempt(attempt);
}

} // namespace

bool
SettleAttempt(const Attempt &attempt) {
    const Datum organization = FromUuid(attempt.organization), id = FromUuid(attempt.id);
    if (attempt.status == "graded") {
        const guards::DerivedWrite writing({TableOid("assessment_results")});
        return correct_result.Run(Access::Write, {organization, id}) > 0;
    }
    if (find_waiting.Run(Access::Write, {organization, id}) > 0)
        return false;
    {
        const guards::DerivedWrite writing({TableOid("assessment_attempts")});
        close_graded.Run(Access::Write, {organization, id});
    }
    WriteResult(attempt);
    return true;
}

// laurel.regrade_assessment(assessment, reason, question)
LAUREL_FUNCTION(laurel_regrade_assessment) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "assessment_id"));
    const Datum reason = Required(fcinfo, 1, "reason");
    const Nullable question = Argument(fcinfo, 2);
    const Asking asking = Ask();
    Uuid marker;
    const bool named = access::ClaimedUser(&marker);
    const AsOwner owner(OwnerOf(TableOid("responses")));
    const SpiConnection spi;
    const Uuid author_of = RequireAuthor(asking, id);
    const Datum organization = FromUuid(author_of);
    const uint64 count = find_graded.Run(Access::Write, {organization, FromUuid(id)});
    auto *attempts = NewList<Uuid>(count);
    for (uint64 i = 0; i < count; i++)
        attempts[i] = ToUuid(Field(i, 1));
    pin_current.Run(Access::Write, {organization, FromUuid(id), question});
    int32 changed = 0;
    for (uint64 i = 0; i < count; i++) {
        CHECK_FOR_INTERRUPTS();
        Attempt attempt{};
        if (LockAttempt(attempts[i], &attempt) && !attempt.IsOpen())
            changed += Regrade(attempt, question, reason, Nullable(FromUuid(marker), !named));
    }
    PG_RETURN_INT32(changed);
}

} // namespace laurel::assessments
