#include "assessments/assessment.h"

#include "postgres/error.h"

namespace laurel::assessments {

namespace {

Statement find_assessment =
    Statement(R"(SELECT organization_id, beneficiary_id, status, scheduled_for, closes_at,
            coalesce(scheduled_for > pg_catalog.clock_timestamp(), false),
            coalesce(closes_at <= pg_catalog.clock_timestamp(), false), shuffle_questions
        FROM ONLY laurel.assessments WHERE id = $1)",
              UUIDOID)
        .Returns(UUIDOID, UUIDOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, BOOLOID, BOOLOID);

Statement lock_beneficiary = Statement(R"(SELECT id, status = 'active' FROM ONLY laurel.beneficiaries
        WHERE organization_id = $1 AND user_id = $2 AND ($3 IS NULL OR id = $3) AND status <> 'completed'
        FOR NO KEY UPDATE)",
                                       UUIDOID, UUIDOID, UUIDOID)
                                 .Returns(UUIDOID, BOOLOID);

} // namespace

bool
FindAssessment(const Uuid &id, Assessment *found) {
    if (find_assessment.Run(Access::Write, FromUuid(id)) == 0)
        return false;
    Row row;
    found->id = id;
    found->organization = ToUuid(row.Next());
    found->beneficiary.value = row.Next(&found->beneficiary.is_null);
    found->status = ToText(row.Next());
    for (Nullable *time : {&found->opens, &found->closes})
        time->value = row.Next(&time->is_null);
    found->is_early = DatumGetBool(row.Next());
    found->is_late = DatumGetBool(row.Next());
    found->shuffles = DatumGetBool(row.Next());
    return true;
}

void
LockBeneficiary(const Assessment &assessment, const Uuid &user) {
    if (lock_beneficiary.Run(
            Access::Write, {FromUuid(assessment.organization), FromUuid(user), assessment.beneficiary}) == 0)
        RefuseAssessment(assessment.id);
}

void
RefuseAttempt(int sqlstate, const char *constraint, const char *message, const char *detail,
              const char *hint) {
    Refuse({.sqlstate = sqlstate,
            .message = message,
            .detail = detail,
            .hint = hint,
            .table = "assessment_attempts",
            .constraint = psprintf("assessment_attempts_%s", constraint)});
}

void
RefuseAssessment(const Uuid &id) {
    RefuseAttempt(ERRCODE_FOREIGN_KEY_VIOLATION, "assessment_id_fkey",
                  psprintf("there is no assessment %s to take", UuidText(id)), nullptr,
                  "Name one that is for the beneficiary, in the organization in which the request acts.");
}

} // namespace laurel::assessments
