// Answers that people mark: once, or twice and agreed on; and marks that are corrected.
//
// Lock order: the attempt, then its answers.

#include "assessments/attempts.h"
#include "guards/derived_write.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"

namespace laurel::assessments {

namespace {

Statement find_response =
    Statement("SELECT attempt_id FROM ONLY laurel.responses WHERE id = $1", UUIDOID).Returns(UUIDOID);

// The answer behind its attempt, what it may earn, and what its rubric adds up to: null where that is not of
// the rubric.
Statement read_response = Statement(R"(SELECT r.needs_marking, v.points, r.points_earned, a.second_marking,
            a.marking_tolerance,
            (SELECT CASE WHEN pg_catalog.count(*) = pg_catalog.count(c.value) AND pg_catalog.bool_and(
                    pg_catalog.jsonb_typeof(e.value) = 'number' AND CASE pg_catalog.jsonb_typeof(e.value) WHEN 'number' THEN
                        e.value::pg_catalog.numeric >= 0
                        AND e.value::pg_catalog.numeric <= (c.value OPERATOR(pg_catalog.->>) 'points')::pg_catalog.numeric END)
                THEN pg_catalog.sum(CASE pg_catalog.jsonb_typeof(e.value) WHEN 'number' THEN e.value::pg_catalog.numeric END) END
             FROM pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof($3) WHEN 'object' THEN $3 END) e
                LEFT JOIN pg_catalog.jsonb_array_elements(v.rubric) c ON c.value OPERATOR(pg_catalog.->>) 'id' = e.key)
        FROM ONLY laurel.responses r
            JOIN ONLY laurel.assessments a ON a.organization_id = $1 AND a.id = r.assessment_id
            JOIN ONLY laurel.question_versions v
                ON v.organization_id = $1 AND v.question_id = r.question_id AND v.version = r.version
        WHERE r.organization_id = $1 AND r.id = $2)",
                                    UUIDOID, UUIDOID, JSONBOID)
                              .Returns(BOOLOID, INT4OID, NUMERICOID, BOOLOID, NUMERICOID, NUMERICOID);

Statement write_mark =
    Statement(
        R"(INSERT INTO laurel.response_marks (organization_id, user_id, response_id, kind, points, points_before,
            rubric, feedback, marked_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (organization_id, response_id, marked_by) WHERE kind = 'mark' DO NOTHING RETURNING id)",
        UUIDOID, UUIDOID, UUIDOID, TEXTOID, NUMERICOID, NUMERICOID, JSONBOID, TEXTOID, UUIDOID)
        .Returns(UUIDOID);

// What two marks agree on; null where there are fewer, or they differ by more.
Statement find_agreed = Statement(R"(SELECT CASE WHEN pg_catalog.count(*) >= 2
            AND pg_catalog.max(points) - pg_catalog.min(points) <= $3
            THEN pg_catalog.trim_scale(pg_catalog.round(pg_catalog.avg(points), 10)) END
        FROM (SELECT points FROM ONLY laurel.response_marks
            WHERE organization_id = $1 AND response_id = $2 AND kind = 'mark' ORDER BY created_at, id LIMIT 2) m)",
                                  UUIDOID, UUIDOID, NUMERICOID)
                            .Returns(NUMERICOID);

Statement set_points = Statement(R"(UPDATE ONLY laurel.responses r SET points_earned = $3, points_lost = 0,
            is_correct = $3 >= $4, needs_marking = false WHERE r.organization_id = $1 AND r.id = $2)",
                                 UUIDOID, UUIDOID, NUMERICOID, INT4OID);

Statement find_marked = Statement(R"(SELECT r.id, r.points_earned,
            (SELECT pg_catalog.count(*) FROM ONLY laurel.response_marks m WHERE m.organization_id = $1
                AND m.response_id = r.id)::pg_catalog.int4, r.needs_marking, t.status
        FROM ONLY laurel.responses r JOIN ONLY laurel.assessment_attempts t
            ON t.organization_id = $1 AND t.id = r.attempt_id
        WHERE r.organization_id = $1 AND r.id = $2)",
                                  UUIDOID, UUIDOID)
                            .Returns(UUIDOID, NUMERICOID, INT4OID, BOOLOID, TEXTOID);

[[noreturn]] void
RefuseMark(int sqlstate, const char *constraint, const char *message, const char *detail, const char *hint) {
    Refuse({.sqlstate = sqlstate,
            .message = message,
            .detail = detail,
            .hint = hint,
            .table = "response_marks",
            .constraint = psprintf("response_marks_%s", constraint)});
}

// Who looks after the person, and is not that person.
bool
MayMark(const Asking &asking, const Attempt &attempt) {
    const access::Caller &caller = asking.caller;
    if (asking.trusted)
        return true;
    if (!caller.known || caller.user == attempt.user || !caller.has_organization ||
        !(caller.organization == attempt.organization))
        return false;
    return access::Administers(caller, attempt.organization) ||
           ((caller.roles & access::kTrainer) != 0 && access::CanSee(caller, attempt.user));
}

// An answer that is marked.
class Marking {
public:
    Marking(const Asking &asking, const Uuid &id) : asking_(asking), id_(id) {
        if (find_response.Run(Access::Write, FromUuid(id)) == 0 ||
            !LockAttempt(ToUuid(Field(0, 1)), &attempt_) || !MayMark(asking, attempt_))
            RefuseMark(ERRCODE_FOREIGN_KEY_VIOLATION, "response_id_fkey",
                       psprintf("there is no answer %s that you may mark", UuidText(id)), nullptr,
                       access::HintOr("Administrators mark, and trainers those whom they look after; nobody "
                                      "marks himself."));
        if (attempt_.IsOpen())
            RefuseMark(kConflict, "attempt_open", "the attempt is still in progress", nullptr,
                       "Mark it when it was handed in.");
    }

    void Mark(const Nullable &points, const Nullable &rubric, const Nullable &feedback, bool is_final) {
        Read(points, rubric);
        if (!waits_ && !is_final)
            RefuseMark(kConflict, "marked", "the answer does not wait for a mark", nullptr,
                       "A final mark corrects it.");
        Write(rubric, feedback, is_final);
        const Nullable agreed = is_final || !is_second_ ? Nullable(points_) : Agreed();
        if (agreed.is_null)
            return;
        Settle(agreed.value);
    }

    Datum Result(FunctionCallInfo fcinfo, MemoryContext memory) const {
        find_marked.Run(Access::Write, {FromUuid(attempt_.organization), FromUuid(id_)});
        Datum values[5];
        bool nulls[5];
        Fields(0, 5, values, nulls);
        const MemoryContext before = MemoryContextSwitchTo(memory);
        const Datum result = laurel::ResultRow(fcinfo, values, nulls);
        MemoryContextSwitchTo(before);
        return result;
    }

private:
    void Read(const Nullable &points, const Nullable &rubric) {
        read_response.Run(Access::Write, {FromUuid(attempt_.organization), FromUuid(id_), rubric});
        Row row;
        bool no_sum;
        waits_ = DatumGetBool(row.Next());
        most_ = row.Next();
        before_.value = row.Next(&before_.is_null);
        is_second_ = DatumGetBool(row.Next());
        tolerance_ = row.Next();
        const Datum sum = row.Next(&no_sum);
        if (!rubric.is_null && no_sum)
            RefuseMark(ERRCODE_CHECK_VIOLATION, "rubric_check", "the marks are not of the question's rubric",
                       nullptr, "Give an object of points by the rubric's ids, each 0 to its points.");
        if (points.is_null && no_sum)
            RefuseMark(ERRCODE_NULL_VALUE_NOT_ALLOWED, "points_check", "points must not be null", nullptr,
                       "Give points, or a rubric that adds up to them.");
        points_ = points.is_null ? sum : points.value;
        if (!no_sum && !Equal(points_, sum))
            RefuseMark(ERRCODE_CHECK_VIOLATION, "points_check", "the points are not those of the rubric",
                       nullptr, "Leave one of them out.");
        RequireRange();
    }

    static bool Equal(Datum a, Datum b) { return DatumGetBool(DirectFunctionCall2(numeric_eq, a, b)); }

    void RequireRange() const {
        const Datum zero = NumericGetDatum(int64_to_numeric(0));
        const Datum most = NumericGetDatum(int64_to_numeric(DatumGetInt32(most_)));
        if (DatumGetBool(DirectFunctionCall2(numeric_ge, points_, zero)) &&
            DatumGetBool(DirectFunctionCall2(numeric_le, points_, most)))
            return;
        RefuseMark(ERRCODE_CHECK_VIOLATION, "points_check", "the question is not worth that",
                   psprintf("It is worth 0 to %d points.", DatumGetInt32(most_)), nullptr);
    }

    void Write(const Nullable &rubric, const Nullable &feedback, bool is_final) {
        Uuid marker;
        const bool named = access::ClaimedUser(&marker);
        if (write_mark.Run(Access::Write, {FromUuid(attempt_.organization), FromUuid(attempt_.user),
                                           FromUuid(id_), FromText(is_final ? "final" : "mark"), points_,
                                           before_, rubric, feedback, Nullable(FromUuid(marker), !named)}) ==
            0)
            RefuseMark(ERRCODE_UNIQUE_VIOLATION, "marker_key", "you have marked it already", nullptr,
                       "Somebody else marks it too, or a final mark decides.");
    }

    Nullable Agreed() const {
        Nullable agreed;
        find_agreed.Run(Access::Write, {FromUuid(attempt_.organization), FromUuid(id_), tolerance_});
        agreed.value = Field(0, 1, &agreed.is_null);
        return agreed;
    }

    void Settle(Datum points) {
        {
            const guards::DerivedWrite writing({TableOid("responses")});
            set_points.Run(Access::Write, {FromUuid(attempt_.organization), FromUuid(id_), points, most_});
        }
        SettleAttempt(attempt_);
    }

    const Asking &asking_;
    Uuid id_;
    Attempt attempt_{};
    bool waits_ = false, is_second_ = false;
    Datum most_ = 0, tolerance_ = 0, points_ = 0;
    Nullable before_;
};

} // namespace

// laurel.mark_response(response, points, feedback, rubric, is_final)
LAUREL_FUNCTION(laurel_mark_response) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "response_id"));
    const bool is_final = DatumGetBool(Required(fcinfo, 4, "is_final"));
    const MemoryContext memory = CurrentMemoryContext;
    const Asking asking = Ask();
    const AsOwner owner(OwnerOf(TableOid("responses")));
    const SpiConnection spi;
    Marking marking(asking, id);
    marking.Mark(Argument(fcinfo, 1), Argument(fcinfo, 3), Argument(fcinfo, 2), is_final);
    return marking.Result(fcinfo, memory);
}

} // namespace laurel::assessments
