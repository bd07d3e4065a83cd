// Who takes an assessment begins an attempt, or goes on with the one that is open in a session of its own.

#include "assessments/assessment.h"
#include "assessments/attempts.h"
#include "guards/derived_write.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/token.h"
#include "postgres/trigger.h"

namespace laurel::assessments {

namespace {

Statement find_open = Statement(R"(SELECT id FROM ONLY laurel.assessment_attempts
        WHERE organization_id = $1 AND assessment_id = $2 AND beneficiary_id = $3 AND status = 'in_progress')",
                                UUIDOID, UUIDOID, UUIDOID)
                          .Returns(UUIDOID);

Statement insert_attempt =
    Statement(
        R"(INSERT INTO laurel.assessment_attempts (organization_id, assessment_id, user_id, session_hash, sessions)
        VALUES ($1, $2, $3, $4, 1) RETURNING id)",
        UUIDOID, UUIDOID, UUIDOID, BYTEAOID)
        .Returns(UUIDOID);

Statement open_session =
    Statement(R"(UPDATE ONLY laurel.assessment_attempts SET session_hash = $3, sessions = sessions + 1
        WHERE organization_id = $1 AND id = $2)",
              UUIDOID, UUIDOID, BYTEAOID);

Statement find_started =
    Statement(R"(SELECT id, attempt_number, started_at, due_at,
            pg_catalog.ceil(pg_catalog.date_part('epoch', due_at - pg_catalog.clock_timestamp()))::pg_catalog.int4,
            pg_catalog.cardinality(questions), max_score
        FROM ONLY laurel.assessment_attempts WHERE organization_id = $1 AND id = $2)",
              UUIDOID, UUIDOID)
        .Returns(UUIDOID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, INT4OID, INT4OID);

// The attempt that goes on, or one that begins.
class Start {
public:
    Start(const Assessment &assessment, const Uuid &user) : assessment_(assessment), user_(user) {}

    void Run() {
        if (!GoOn())
            Insert();
    }

    // (attempt_id, attempt_number, session_key, is_new, started_at, due_at, seconds_left, questions,
    // max_score)
    Datum Result(FunctionCallInfo fcinfo, MemoryContext memory) const {
        find_started.Run(Access::Write, {FromUuid(assessment_.organization), FromUuid(id_)});
        const MemoryContext before = MemoryContextSwitchTo(memory);
        bool no_limit;
        const Datum due = Field(0, 4, &no_limit);
        const Datum left = Field(0, 5, &no_limit);
        const Datum values[] = {
            Field(0, 1), Field(0, 2), FromText(key_.View()), BoolGetDatum(is_new_), Field(0, 3), due, left,
            Field(0, 6), Field(0, 7)};
        const bool nulls[] = {false, false, false, false, false, no_limit, no_limit, false, false};
        const Datum result = ResultRow(fcinfo, values, nulls);
        MemoryContextSwitchTo(before);
        return result;
    }

private:
    // False where none is open, or its time is over: that one is handed in.
    bool GoOn() {
        Attempt attempt;
        LockBeneficiary(assessment_, user_);
        if (find_open.Run(Access::Write,
                          {FromUuid(assessment_.organization), FromUuid(assessment_.id), Field(0, 1)}) == 0)
            return false;
        id_ = ToUuid(Field(0, 1));
        if (!LockAttempt(id_, &attempt) || !attempt.IsOpen())
            return false;
        if (attempt.is_late) {
            Submit(attempt);
            return false;
        }
        const guards::DerivedWrite writing({TableOid("assessment_attempts")});
        open_session.Run(Access::Write,
                         {FromUuid(assessment_.organization), FromUuid(id_), TokenHash(key_.View())});
        return true;
    }

    void Insert() {
        if (insert_attempt.Run(Access::Write, {FromUuid(assessment_.organization), FromUuid(assessment_.id),
                                               FromUuid(user_), TokenHash(key_.View())}) == 0)
            RefuseDropped(TableOid("assessment_attempts"), "a trigger dropped the attempt");
        id_ = ToUuid(Field(0, 1));
        is_new_ = true;
    }

    Assessment assessment_;
    Uuid user_;
    Token key_ = MakeToken();
    Uuid id_{};
    bool is_new_ = false;
};

} // namespace

// laurel.start_attempt(assessment, user)
LAUREL_FUNCTION(laurel_start_attempt) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "assessment_id"));
    const Uuid user = ToUuid(Required(fcinfo, 1, "user_id", kNameTheMember));
    const MemoryContext memory = CurrentMemoryContext;
    const Asking asking = Ask();
    if (!asking.trusted && !(asking.caller.known && asking.caller.user == user))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to take an assessment for somebody else",
                .hint = access::HintOr("Beneficiaries take it themselves, the back end starts for anybody."),
                .table = "assessment_attempts"});
    const AsOwner owner(OwnerOf(TableOid("assessment_attempts")));
    const SpiConnection spi;
    Assessment assessment{};
    if (!FindAssessment(id, &assessment) || !(asking.trusted || asking.Is(assessment.organization, user)))
        RefuseAssessment(id);
    Start start(assessment, user);
    start.Run();
    return start.Result(fcinfo, memory);
}

} // namespace laurel::assessments
