// Answers on their way in: in time, to questions of the attempt, in the form of their type.

#include "assessments/attempts.h"
#include "grading/written.h"
#include "guards/derived_write.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/trigger.h"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace laurel::assessments {

namespace {

constexpr TriggerSpec kTakeAnswer = {"take_answer", TriggerSpec::Before, TriggerSpec::EachRow,
                                     TriggerSpec::Insert | TriggerSpec::Update};

Statement find_numbered =
    Statement(R"(SELECT t.id FROM ONLY laurel.assessments a JOIN ONLY laurel.assessment_attempts t
            ON t.organization_id = a.organization_id AND t.assessment_id = a.id
        WHERE a.id = $1 AND t.beneficiary_id = $2 AND t.attempt_number = $3)",
              UUIDOID, UUIDOID, INT4OID)
        .Returns(UUIDOID);

Statement find_asked = Statement(R"(SELECT v.version, v.type
        FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4)) AS q (id, version) JOIN ONLY laurel.question_versions v
            ON v.organization_id = $1 AND v.question_id = q.id AND v.version = q.version
        WHERE q.id = $2)",
                                 UUIDOID, UUIDOID, UUIDARRAYOID, INT8ARRAYOID)
                           .Returns(INT8OID, TEXTOID)
                           .Generic();

Statement find_types = Statement(R"(SELECT e.key, v.type, e.value OPERATOR(pg_catalog.#>>) '{}'
        FROM pg_catalog.jsonb_each($2) e
            LEFT JOIN ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4)) AS q (id, version) ON q.id::pg_catalog.text = e.key
            LEFT JOIN ONLY laurel.question_versions v
                ON v.organization_id = $1 AND v.question_id = q.id AND v.version = q.version)",
                                 UUIDOID, JSONBOID, UUIDARRAYOID, INT8ARRAYOID)
                           .Returns(TEXTOID, TEXTOID, TEXTOID)
                           .Generic();

Statement write_answers =
    Statement(
        R"(INSERT INTO laurel.responses AS r (organization_id, attempt_id, assessment_id, beneficiary_id,
            user_id, attempt_number, question_id, version, answer, time_spent)
        SELECT $1, $2, $3, $4, $5, $6, q.id, q.version, nullif(e.value OPERATOR(pg_catalog.#>>) '{}', ''),
            coalesce(($10 OPERATOR(pg_catalog.->>) e.key)::pg_catalog.int4, 0)
        FROM pg_catalog.jsonb_each($9) e JOIN ROWS FROM (pg_catalog.unnest($7), pg_catalog.unnest($8)) AS q (id, version) ON q.id::pg_catalog.text = e.key
        ORDER BY q.id
        ON CONFLICT (organization_id, attempt_id, question_id) DO UPDATE SET answer = EXCLUDED.answer,
            time_spent = greatest(r.time_spent, EXCLUDED.time_spent)
        WHERE r.answer IS DISTINCT FROM EXCLUDED.answer OR r.time_spent < EXCLUDED.time_spent)",
        UUIDOID, UUIDOID, UUIDOID, UUIDOID, UUIDOID, INT4OID, UUIDARRAYOID, INT8ARRAYOID, JSONBOID, JSONBOID)
        .Generic();

[[noreturn]] void
RefuseResponse(int sqlstate, const char *constraint, const char *message, const char *detail,
               const char *hint) {
    Refuse({.sqlstate = sqlstate,
            .message = message,
            .detail = detail,
            .hint = hint,
            .table = "responses",
            .constraint = constraint});
}

[[noreturn]] void
RefuseQuestion(const char *id) {
    RefuseResponse(ERRCODE_CHECK_VIOLATION, "responses_question_id_asked",
                   "the attempt does not ask that question", psprintf("Question %s.", id),
                   "laurel.attempt_questions() lists those that it asks.");
}

void
RequireForm(std::string_view type, std::string_view answer, const char *id) {
    if (const char *problem = grading::WrongAnswer(type, answer))
        RefuseResponse(ERRCODE_CHECK_VIOLATION, "responses_answer_check", "an answer is of no such form",
                       psprintf("Question %s of type %s: %s", id, CString(type), problem),
                       "Answer true or false, with the id of an option, words, a number, or a JSON array or "
                       "object of ids.");
}

// An answer that is written as a row, by who is trusted.
class Response {
public:
    explicit Response(const TriggerData *trigger)
        : table_(RelationGetRelid(trigger->tg_relation)), row_(trigger),
          was_(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation)),
          is_new_(!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)) {}

    Datum Settle() {
        KeepMarks();
        if (!is_new_ && Same("answer") && Same("time_spent"))
            return row_.Done();
        const AsOwner owner(OwnerOf(table_));
        const SpiConnection spi;
        Attempt attempt;
        const Uuid id = AttemptId();
        if (!LockAttempt(id, &attempt))
            RefuseAttempt();
        RequireInTime(attempt);
        TakeAttempt(attempt);
        TakeQuestion(attempt);
        return row_.Done();
    }

private:
    bool Same(const char *column) const {
        const bool is_text = std::strcmp(column, "answer") == 0;
        const Oid type = is_text ? TEXTOID : INT4OID;
        const Nullable now = row_.Get(column, type), before = was_.Get(column, type);
        if (now.is_null || before.is_null)
            return now.is_null == before.is_null;
        return is_text ? ToText(now.value) == ToText(before.value)
                       : DatumGetInt32(now.value) == DatumGetInt32(before.value);
    }

    bool IsLost(const DraftRow &row) const {
        const Nullable lost = row.Get("points_lost", NUMERICOID);
        return !lost.is_null && DatumGetBool(DirectFunctionCall2(numeric_ne, lost.value,
                                                                 NumericGetDatum(int64_to_numeric(0))));
    }

    // What grading writes is not written by others; an answer that is graded is not in an open attempt.
    void KeepMarks() const {
        const bool marked = !row_.IsNull("is_correct") || !row_.IsNull("points_earned") ||
                            row_.Flag("needs_marking") || IsLost(row_);
        if (!marked && (is_new_ || (was_.IsNull("points_earned") && !was_.Flag("needs_marking"))))
            return;
        if (!is_new_ &&
            DatumGetBool(row_.Get("is_correct", BOOLOID).value) ==
                DatumGetBool(was_.Get("is_correct", BOOLOID).value) &&
            row_.IsNull("is_correct") == was_.IsNull("is_correct") &&
            row_.Flag("needs_marking") == was_.Flag("needs_marking") && SameNumber("points_earned") &&
            SameNumber("points_lost"))
            return;
        RefuseResponse(ERRCODE_RESTRICT_VIOLATION, "responses_points_earned_follows",
                       "marks are written by who grades", nullptr,
                       "Leave out is_correct, points_earned, points_lost and needs_marking.");
    }

    bool SameNumber(const char *column) const {
        const Nullable now = row_.Get(column, NUMERICOID), before = was_.Get(column, NUMERICOID);
        if (now.is_null || before.is_null)
            return now.is_null == before.is_null;
        return DatumGetBool(DirectFunctionCall2(numeric_eq, now.value, before.value));
    }

    Uuid AttemptId() const {
        if (!row_.IsNull("attempt_id"))
            return row_.Id("attempt_id");
        if (find_numbered.Run(Access::Write,
                              {FromUuid(row_.Id("assessment_id")), FromUuid(row_.Id("beneficiary_id")),
                               row_.Get("attempt_number", INT4OID)}) == 0)
            RefuseAttempt();
        return ToUuid(Field(0, 1));
    }

    [[noreturn]] static void RefuseAttempt() {
        RefuseResponse(ERRCODE_FOREIGN_KEY_VIOLATION, "responses_attempt_id_fkey", "there is no such attempt",
                       nullptr, "laurel.start_attempt() makes one.");
    }

    // What an answer takes from its attempt.
    void TakeAttempt(const Attempt &attempt) {
        Copy("organization_id", attempt.organization);
        Copy("attempt_id", attempt.id);
        Copy("assessment_id", attempt.assessment);
        Copy("beneficiary_id", attempt.beneficiary);
        Copy("user_id", attempt.user);
        row_.Set("attempt_number", INT4OID, Int32GetDatum(attempt.number));
    }

    void Copy(const char *column, const Uuid &value) {
        if (!row_.IsNull(column) && !(row_.Id(column) == value))
            RefuseResponse(ERRCODE_CHECK_VIOLATION, psprintf("responses_%s_copied", column),
                           psprintf("%s is not the attempt's", column), nullptr, "Leave it out.");
        if (row_.IsNull(column))
            row_.Set(column, UUIDOID, FromUuid(value));
    }

    void TakeQuestion(const Attempt &attempt) {
        const Uuid question = row_.Id("question_id");
        if (find_asked.Run(Access::Write, {FromUuid(attempt.organization), FromUuid(question),
                                           attempt.questions, attempt.versions}) == 0)
            RefuseQuestion(UuidText(question));
        const int64 version = DatumGetInt64(Field(0, 1));
        row_.Set("version", INT8OID, Int64GetDatum(version));
        RequireForm(ToText(Field(0, 2)), row_.Text("answer"), UuidText(question));
        if (row_.Text("answer").empty())
            row_.Set("answer", TEXTOID, 0, true);
    }

    Oid table_;
    DraftRow row_;
    DraftRow was_;
    bool is_new_;
};

// Every key is a question of the attempt, and its answer of the form of its type.
void
RequireAnswers(const Attempt &attempt, Datum answers) {
    if (!JB_ROOT_IS_OBJECT(DatumGetJsonbP(answers)))
        RefuseResponse(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "answers are no object", nullptr,
                       "Give an object by the ids of the questions.");
    const uint64 count = find_types.Run(
        Access::Write, {FromUuid(attempt.organization), answers, attempt.questions, attempt.versions});
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        bool is_null;
        const char *id = CString(ToText(row.Next()));
        const Datum type = row.Next(&is_null);
        if (is_null)
            RefuseQuestion(id);
        const Datum answer = row.Next(&is_null);
        if (!is_null)
            RequireForm(ToText(type), ToText(answer), id);
    }
}

} // namespace

uint64
SaveAnswers(const Attempt &attempt, Datum answers, const Nullable &times) {
    RequireAnswers(attempt, answers);
    const guards::DerivedWrite writing({TableOid("responses")});
    return write_answers.Run(Access::Write, {FromUuid(attempt.organization), FromUuid(attempt.id),
                                             FromUuid(attempt.assessment), FromUuid(attempt.beneficiary),
                                             FromUuid(attempt.user), Int32GetDatum(attempt.number),
                                             attempt.questions, attempt.versions, answers, times});
}

LAUREL_FUNCTION(laurel_take_answer) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kTakeAnswer);
    if (guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(TriggerRow(trigger));
    return Response(trigger).Settle();
}

// laurel.save_answers(attempt, answers, session_key, time_spent)
LAUREL_FUNCTION(laurel_save_answers) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "attempt_id"));
    const Datum answers = Required(fcinfo, 1, "answers");
    const Asking asking = Ask();
    const AsOwner owner(OwnerOf(TableOid("responses")));
    const SpiConnection spi;
    const Attempt attempt = LockOwnAttempt(asking, id);
    RequireInTime(attempt);
    RequireSession(asking, attempt, Argument(fcinfo, 2));
    PG_RETURN_INT32(static_cast<int32>(SaveAnswers(attempt, answers, Argument(fcinfo, 3))));
}

} // namespace laurel::assessments
