// What who takes an assessment is shown: the questions, and when the review is open what was right.

#include "assessments/attempts.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"

namespace laurel::assessments {

namespace {

Statement find_taker = Statement(R"(SELECT organization_id, user_id, status = 'in_progress'
        FROM ONLY laurel.assessment_attempts WHERE id = $1)",
                                 UUIDOID)
                           .Returns(UUIDOID, UUIDOID, BOOLOID);

// While an attempt goes on nothing is right yet. A later attempt of the same person closes the review of
// those before.
Statement find_review = Statement(R"(SELECT t.status = 'in_progress' OR (
            NOT EXISTS (SELECT FROM ONLY laurel.assessment_attempts o WHERE o.organization_id = $1
                AND o.assessment_id = t.assessment_id AND o.beneficiary_id = t.beneficiary_id AND o.status = 'in_progress')
            AND CASE WHEN a.review = 'never' THEN false
                WHEN a.status = 'completed' OR a.closes_at <= pg_catalog.clock_timestamp() THEN true
                WHEN a.review = 'graded' THEN t.status = 'graded'
                WHEN a.review = 'finished' THEN a.attempts_allowed + coalesce((SELECT c.extra_attempts
                        FROM ONLY laurel.assessment_accommodations c WHERE c.organization_id = $1 AND c.user_id = t.user_id
                            AND (c.assessment_id = a.id OR c.assessment_id IS NULL) ORDER BY c.assessment_id IS NULL LIMIT 1), 0)
                    <= (SELECT pg_catalog.count(*) FROM ONLY laurel.assessment_attempts o WHERE o.organization_id = $1
                        AND o.assessment_id = a.id AND o.user_id = t.user_id)
                ELSE false END)
        FROM ONLY laurel.assessment_attempts t
            JOIN ONLY laurel.assessments a ON a.organization_id = $1 AND a.id = t.assessment_id
        WHERE t.organization_id = $1 AND t.id = $2)",
                                  UUIDOID, UUIDOID)
                            .Returns(BOOLOID)
                            .Generic();

// Options of order and match would be in the order of the author, which may be the right one.
constexpr SqlText kOptions =
    R"(CASE WHEN a.shuffle_options OR v.type IN ('order', 'match') THEN coalesce((
            SELECT pg_catalog.jsonb_agg(o ORDER BY laurel_internal.rank_by_seed(t.seed, v.question_id || o::pg_catalog.text))
            FROM pg_catalog.jsonb_array_elements(v.options) o), '[]') ELSE v.options END)";
constexpr SqlText kAsked =
    R"(FROM ONLY laurel.assessment_attempts t
            JOIN ONLY laurel.assessments a ON a.organization_id = $1 AND a.id = t.assessment_id,
            LATERAL ROWS FROM (pg_catalog.unnest(t.questions), pg_catalog.unnest(t.versions)) WITH ORDINALITY AS q (id, version, place)
            JOIN ONLY laurel.question_versions v
                ON v.organization_id = $1 AND v.question_id = q.id AND v.version = q.version
            LEFT JOIN ONLY laurel.responses r
                ON r.organization_id = $1 AND r.attempt_id = $2 AND r.question_id = q.id
        WHERE t.organization_id = $1 AND t.id = $2 ORDER BY q.place)";

Statement list_questions =
    Statement(
        Sql<R"(SELECT q.place::pg_catalog.int4, v.question_id, v.type, v.text, {1}, v.points, v.penalty, v.required,
            r.answer {2})",
            kOptions, kAsked>,
        UUIDOID, UUIDOID)
        .Returns(INT4OID, UUIDOID, TEXTOID, TEXTOID, JSONBOID, INT4OID, NUMERICOID, BOOLOID, TEXTOID)
        .Generic();

Statement list_reviewed =
    Statement(
        Sql<R"(SELECT q.place::pg_catalog.int4, v.question_id, v.type, v.text, {1}, r.answer, r.is_correct,
            r.points_earned, r.points_lost, v.points, v.correct_answer, v.explanation {2})",
            kOptions, kAsked>,
        UUIDOID, UUIDOID)
        .Returns(INT4OID, UUIDOID, TEXTOID, TEXTOID, JSONBOID, TEXTOID, BOOLOID, NUMERICOID, NUMERICOID,
                 INT4OID, TEXTOID, TEXTOID)
        .Generic();

Statement is_author = Statement(R"(SELECT FROM ONLY laurel.assessments
        WHERE organization_id = $1 AND id = $2 AND trainer_id = laurel_internal.me())",
                                UUIDOID, UUIDOID);

[[noreturn]] void
RefuseReading(const Uuid &id) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("there is no attempt %s that you may read", UuidText(id)),
            .hint = access::HintOr("Who takes it reads it, and those to whom that person is entrusted."),
            .table = "assessment_attempts",
            .constraint = "assessment_attempts_pkey"});
}

[[noreturn]] void
RefuseReview() {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "what was right is not shown yet",
            .hint = "assessments.review says when it is.",
            .table = "assessment_attempts"});
}

// An attempt that is read.
struct Read {
    Uuid organization, id;
    bool is_taker, is_open;
};

Read
FindRead(const Asking &asking, const Uuid &id) {
    if (find_taker.Run(Access::Read, FromUuid(id)) == 0)
        RefuseReading(id);
    const Uuid organization = ToUuid(Field(0, 1)), user = ToUuid(Field(0, 2));
    const Read read = {organization, id, asking.Is(organization, user), DatumGetBool(Field(0, 3))};
    const access::Caller &caller = asking.caller;
    if (!asking.trusted && !read.is_taker &&
        !(caller.has_organization && caller.organization == organization && access::CanSee(caller, user)))
        RefuseReading(id);
    return read;
}

bool
MayReview(const Uuid &organization, const Uuid &id) {
    return find_review.Run(Access::Read, {FromUuid(organization), FromUuid(id)}) > 0 &&
           DatumGetBool(Field(0, 1));
}

// Whether the one who asks may be told what is right.
bool
SeesKeys(const Asking &asking, const Read &read) {
    if (asking.trusted)
        return true;
    if (read.is_taker)
        return !read.is_open && MayReview(read.organization, read.id);
    return access::Administers(asking.caller, read.organization) ||
           (asking.caller.roles & access::kTrainer) != 0;
}

} // namespace

// laurel.attempt_questions(attempt)
LAUREL_FUNCTION(laurel_attempt_questions) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "attempt_id"));
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Asking asking = Ask();
    const AsOwner owner(OwnerOf(TableOid("assessment_attempts")));
    const SpiConnection spi;
    const Read read = FindRead(asking, id);
    if (!read.is_open && read.is_taker && !asking.trusted && !MayReview(read.organization, id))
        RefuseReview();
    ReturnRows(fcinfo, list_questions.Run(Access::Read, {FromUuid(read.organization), FromUuid(id)}));
    PG_RETURN_NULL();
}

// laurel.review_attempt(attempt)
LAUREL_FUNCTION(laurel_review_attempt) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "attempt_id"));
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Asking asking = Ask();
    const AsOwner owner(OwnerOf(TableOid("assessment_attempts")));
    const SpiConnection spi;
    const Read read = FindRead(asking, id);
    if (!SeesKeys(asking, read))
        RefuseReview();
    ReturnRows(fcinfo, list_reviewed.Run(Access::Read, {FromUuid(read.organization), FromUuid(id)}));
    PG_RETURN_NULL();
}

// laurel_internal.may_review(organization, attempt): for the policy of who takes it.
LAUREL_FUNCTION(laurel_may_review) {
    const AsOwner owner(OwnerOf(TableOid("assessment_attempts")));
    const SpiConnection spi;
    PG_RETURN_BOOL(MayReview(ToUuid(PG_GETARG_DATUM(0)), ToUuid(PG_GETARG_DATUM(1))));
}

// laurel_internal.authors(organization, assessment): as the caller, whom policies bind.
LAUREL_FUNCTION(laurel_authors) {
    const SpiConnection spi;
    PG_RETURN_BOOL(is_author.Run(Access::Read, {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)}) > 0);
}

} // namespace laurel::assessments
