// What follows attempts: the state of an assessment that is for one beneficiary; and what may be published.

#include "guards/derived_write.h"
#include "guards/transition_rows.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::assessments {

namespace {

constexpr TriggerSpec kFollow = {"follow_attempts", TriggerSpec::After, TriggerSpec::EachStatement,
                                 TriggerSpec::Insert};
constexpr TriggerSpec kKeepGraded = {"keep_graded", TriggerSpec::Before, TriggerSpec::EachRow,
                                     TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kPublish = {"publish_assessment", TriggerSpec::Before, TriggerSpec::EachRow,
                                  TriggerSpec::Update};

Statement begin_assessments = Statement(R"(UPDATE ONLY laurel.assessments a SET status = 'in_progress'
        WHERE a.status = 'published' AND a.beneficiary_id IS NOT NULL AND (a.organization_id, a.id) IN (
            SELECT organization_id, assessment_id FROM new_rows))");

// Once it is passed, or no attempt is left.
Statement complete_assessments = Statement(R"(UPDATE ONLY laurel.assessments a SET status = 'completed' FROM (
            SELECT organization_id, assessment_id, user_id, pg_catalog.bool_or(passed) AS passed FROM new_rows GROUP BY 1, 2, 3) n
        WHERE a.organization_id = n.organization_id AND a.id = n.assessment_id AND a.beneficiary_id IS NOT NULL
            AND a.status IN ('published', 'in_progress') AND (n.passed OR a.attempts_allowed + coalesce((
                SELECT c.extra_attempts FROM ONLY laurel.assessment_accommodations c WHERE c.organization_id = a.organization_id
                    AND c.user_id = n.user_id AND (c.assessment_id = a.id OR c.assessment_id IS NULL)
                ORDER BY c.assessment_id IS NULL LIMIT 1), 0)
                <= (SELECT pg_catalog.count(*) FROM ONLY laurel.assessment_attempts t WHERE t.organization_id = a.organization_id
                    AND t.assessment_id = a.id AND t.user_id = n.user_id)))");

// What is asked, what of it has no key and is no essay, how much there is to earn, and attempts.
Statement find_contents =
    Statement(R"(SELECT (SELECT pg_catalog.count(*) FROM ONLY laurel.questions q WHERE q.organization_id = $1
                AND q.assessment_id = $2 AND q.status = 'active')
            + coalesce((SELECT pg_catalog.sum(d.count) FROM ONLY laurel.assessment_draws d WHERE d.organization_id = $1
                AND d.assessment_id = $2), 0),
            (SELECT pg_catalog.count(*) FROM ONLY laurel.questions q WHERE q.organization_id = $1 AND q.assessment_id = $2
                AND q.status = 'active' AND q.type <> 'essay' AND q.answer_key IS NULL),
            EXISTS (SELECT FROM ONLY laurel.assessment_attempts t WHERE t.organization_id = $1 AND t.assessment_id = $2))",
              UUIDOID, UUIDOID)
        .Returns(INT8OID, INT8OID, BOOLOID);

// A draw that finds too few of its own.
Statement find_short_draw = Statement(R"(SELECT d.tags, d.count, f.found
        FROM ONLY laurel.assessment_draws d, LATERAL (SELECT pg_catalog.count(*) AS found FROM ONLY laurel.questions q
            WHERE q.organization_id = $1 AND q.assessment_id IS NULL AND q.status = 'active' AND q.tags OPERATOR(pg_catalog.@>) d.tags) f
        WHERE d.organization_id = $1 AND d.assessment_id = $2 AND f.found < d.count LIMIT 1)",
                                      UUIDOID, UUIDOID)
                                .Returns(TEXTARRAYOID, INT4OID, INT8OID);

[[noreturn]] void
RefuseStep(const char *message, const char *detail, const char *hint) {
    Refuse({.message = message,
            .detail = detail,
            .hint = hint,
            .table = "assessments",
            .constraint = "assessments_published"});
}

void
RequireContents(const Uuid &organization, const Uuid &id) {
    if (DatumGetInt64(Field(0, 1)) == 0)
        RefuseStep("there is nothing to publish", "The assessment has no questions.",
                   "Add questions, or draws from the bank.");
    if (DatumGetInt64(Field(0, 1)) > 200)
        RefuseStep("an assessment has 200 questions at most", nullptr, nullptr);
    if (DatumGetInt64(Field(0, 2)) > 0)
        RefuseStep(
            "questions do not say what is right",
            psprintf("Without correct_answer: %lld.", static_cast<long long>(DatumGetInt64(Field(0, 2)))),
            "Write it, or make them essays.");
    if (find_short_draw.Run(Access::Write, {FromUuid(organization), FromUuid(id)}) > 0)
        RefuseStep("the bank has too few questions for a draw",
                   psprintf("Of tags %s %s are to be drawn, %s are there.", TextField(0, 1), TextField(0, 2),
                            TextField(0, 3)),
                   "Add questions with those tags to the bank.");
}

} // namespace

LAUREL_FUNCTION(laurel_follow_attempts) {
    TriggerData *trigger = CheckTrigger(fcinfo, kFollow);
    const bool is_result =
        std::strcmp(RelationGetRelationName(trigger->tg_relation), "assessment_results") == 0;
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    (is_result ? complete_assessments : begin_assessments).Run(Access::Write);
    return PointerGetDatum(nullptr);
}

// What grading and the clock have made is written by them alone.
LAUREL_FUNCTION(laurel_keep_graded) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepGraded);
    if (!guards::DerivedWrite::Admits(fcinfo)) {
        const char *table = RelationGetRelationName(trigger->tg_relation);
        Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
                .message = psprintf("%s follow from answers", table),
                .hint = "laurel.submit_attempt(), marking and regrading write them.",
                .table = table,
                .constraint = psprintf("%s_follows", table)});
    }
    return PointerGetDatum(TriggerRow(trigger));
}

LAUREL_FUNCTION(laurel_publish_assessment) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kPublish);
    const DraftRow row(trigger);
    const Uuid organization = row.Id("organization_id"), id = row.Id("id");
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    find_contents.Run(Access::Write, {FromUuid(organization), FromUuid(id)});
    if (row.Text("status") == "published")
        RequireContents(organization, id);
    else if (DatumGetBool(Field(0, 3)))
        RefuseStep("the assessment was begun", nullptr, "What was begun is completed, and drafted no more.");
    return PointerGetDatum(TriggerRow(trigger));
}

} // namespace laurel::assessments
