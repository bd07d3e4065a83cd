// An attempt begins: whatever inserts it, it is what its assessment and the clock of the server make of it.
//
// Lock order: the beneficiary, whose attempts begin one after the other; then the attempt.

#include "assessments/assessment.h"
#include "kernel/shuffle.h"
#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/growing.h"
#include "postgres/owner.h"
#include "postgres/trigger.h"

namespace laurel::assessments {

namespace {

constexpr TriggerSpec kBegin = {"begin_attempt", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Insert};
constexpr int kMostQuestions = 200;

Statement find_attempts = Statement(R"(SELECT coalesce(pg_catalog.max(t.attempt_number), 0) + 1,
            coalesce(pg_catalog.bool_or(t.status = 'in_progress'), false),
            pg_catalog.max(t.submitted_at) + a.attempt_delay,
            coalesce(pg_catalog.max(t.submitted_at) + a.attempt_delay > pg_catalog.clock_timestamp(), false)
        FROM ONLY laurel.assessments a LEFT JOIN ONLY laurel.assessment_attempts t
            ON t.organization_id = $1 AND t.assessment_id = a.id AND t.beneficiary_id = $3
        WHERE a.organization_id = $1 AND a.id = $2 GROUP BY a.attempt_delay)",
                                    UUIDOID, UUIDOID, UUIDOID)
                              .Returns(INT4OID, BOOLOID, TIMESTAMPTZOID, BOOLOID);

// The time that there is, longer for whom it is longer; never beyond the end of the assessment.
Statement find_due = Statement(R"(SELECT n.now, least(a.closes_at, n.now + pg_catalog.make_interval(secs =>
            a.time_limit * 60.0 * (100 + coalesce((SELECT c.extra_time FROM ONLY laurel.assessment_accommodations c
                WHERE c.organization_id = $1 AND c.beneficiary_id = $3 AND (c.assessment_id = $2 OR c.assessment_id IS NULL)
                ORDER BY c.assessment_id IS NULL LIMIT 1), 0)) / 100))
        FROM ONLY laurel.assessments a, (SELECT pg_catalog.clock_timestamp() OFFSET 0) AS n (now)
        WHERE a.organization_id = $1 AND a.id = $2)",
                               UUIDOID, UUIDOID, UUIDOID)
                         .Returns(TIMESTAMPTZOID, TIMESTAMPTZOID);

Statement find_own = Statement(R"(SELECT id, "order" FROM ONLY laurel.questions
        WHERE organization_id = $1 AND assessment_id = $2 AND status = 'active')",
                               UUIDOID, UUIDOID)
                         .Returns(UUIDOID, INT4OID);

Statement find_draws = Statement(R"(SELECT tags, count, "order" FROM ONLY laurel.assessment_draws
        WHERE organization_id = $1 AND assessment_id = $2 ORDER BY pg_catalog.cardinality(tags) DESC, id)",
                                 UUIDOID, UUIDOID)
                           .Returns(TEXTARRAYOID, INT4OID, INT4OID);

Statement draw = Statement(R"(SELECT id FROM ONLY laurel.questions
        WHERE organization_id = $1 AND assessment_id IS NULL AND status = 'active'
            AND tags OPERATOR(pg_catalog.@>) $2 AND id <> ALL ($3)
        ORDER BY laurel_internal.rank_by_seed($4, id::pg_catalog.text) LIMIT $5)",
                           UUIDOID, TEXTARRAYOID, UUIDARRAYOID, INT8OID, INT4OID)
                     .Returns(UUIDOID);

// The questions in order, as they are at one moment; who meets a version first writes it down.
Statement pin = Statement(R"(WITH chosen AS MATERIALIZED (
            SELECT q.*, pg_catalog.row_number() OVER (ORDER BY
                CASE WHEN $4 THEN laurel_internal.rank_by_seed($5, q.id::pg_catalog.text) END, c.place, q.id) AS number
            FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS c (id, place)
                JOIN ONLY laurel.questions q ON q.organization_id = $1 AND q.id = c.id
        ), pinned AS (
            INSERT INTO laurel.question_versions (organization_id, question_id, version, text, type, options,
                correct_answer, answer_key, points, penalty, required, rubric, explanation)
            SELECT organization_id, id, version, text, type, options, correct_answer, answer_key, points, penalty,
                required, rubric, explanation FROM chosen c
            WHERE NOT EXISTS (SELECT FROM ONLY laurel.question_versions v
                WHERE v.organization_id = $1 AND v.question_id = c.id AND v.version = c.version)
            ORDER BY id
            ON CONFLICT (organization_id, question_id, version) DO NOTHING
        ) SELECT pg_catalog.array_agg(id ORDER BY number), pg_catalog.array_agg(version ORDER BY number),
            pg_catalog.sum(points)::pg_catalog.int4 FROM chosen)",
                          UUIDOID, UUIDARRAYOID, INT4ARRAYOID, BOOLOID, INT8OID)
                    .Returns(UUIDARRAYOID, INT8ARRAYOID, INT4OID);

void
RequireOpen(const Assessment &assessment) {
    if (assessment.status != "published" && assessment.status != "in_progress")
        RefuseAttempt(ERRCODE_CHECK_VIOLATION, "assessment_id_required", "the assessment cannot be taken",
                      psprintf("It is %s.", CString(assessment.status)),
                      "One that is published or in_progress can.");
    if (!assessment.is_early && !assessment.is_late)
        return;
    const Nullable &moment = assessment.is_early ? assessment.opens : assessment.closes;
    RefuseAttempt(ERRCODE_CHECK_VIOLATION, "window", "the assessment cannot be taken now",
                  psprintf("It is open %s %s.", assessment.is_early ? "from" : "until",
                           timestamptz_to_str(DatumGetTimestampTz(moment.value))),
                  nullptr);
}

// Questions by id, with their places.
class Questions {
public:
    void Add(Datum id, const Nullable &place) {
        if (ids_.count() == kMostQuestions)
            RefuseAttempt(ERRCODE_CHECK_VIOLATION, "questions_check", "an attempt has 200 questions at most",
                          nullptr, nullptr);
        ids_.Add(FromUuid(kept_.Add(ToUuid(id))));
        places_.Add(place.value);
        nulls_.Add(place.is_null);
    }
    bool IsEmpty() const { return ids_.count() == 0; }
    Datum Ids() { return ArrayOf(ids_.begin(), static_cast<int>(ids_.count()), UUIDOID); }
    Datum Places() {
        return ArrayOf(places_.begin(), nulls_.begin(), static_cast<int>(places_.count()), INT4OID);
    }

private:
    // Room that does not move: the array of ids points into it.
    class Kept {
    public:
        const Uuid &Add(const Uuid &id) { return uuids_[count_++] = id; }

    private:
        Uuid uuids_[kMostQuestions];
        int count_ = 0;
    };
    Kept kept_;
    Growing<Datum> ids_;
    Growing<Datum> places_;
    Growing<bool> nulls_;
};

// Makes an attempt of a row.
class Beginning {
public:
    explicit Beginning(const TriggerData *trigger) : row_(trigger), assessment_{} {}

    Datum Begin() {
        const Uuid id = row_.Id("assessment_id"), user = row_.Id("user_id");
        if (!FindAssessment(id, &assessment_) || !IsIn(assessment_.organization))
            RefuseAssessment(id);
        LockBeneficiary(assessment_, user);
        beneficiary_ = ToUuid(Field(0, 1));
        if (!DatumGetBool(Field(0, 2)))
            RefuseAttempt(ERRCODE_CHECK_VIOLATION, "beneficiary_id_required", "the beneficiary is not active",
                          nullptr, nullptr);
        RequireOpen(assessment_);
        row_.Set("organization_id", UUIDOID, FromUuid(assessment_.organization));
        row_.Set("beneficiary_id", UUIDOID, FromUuid(beneficiary_));
        Number();
        Time();
        Ask();
        return row_.Done();
    }

private:
    bool IsIn(const Uuid &organization) const {
        return row_.IsNull("organization_id") || row_.Id("organization_id") == organization;
    }

    Parameters Key() const {
        return {FromUuid(assessment_.organization), FromUuid(assessment_.id), FromUuid(beneficiary_)};
    }

    void Number() {
        find_attempts.Run(Access::Write, Key());
        if (DatumGetBool(Field(0, 2)))
            RefuseAttempt(ERRCODE_UNIQUE_VIOLATION, "open_key", "there is an attempt that is not handed in",
                          nullptr, "laurel.start_attempt() goes on with it.");
        if (DatumGetBool(Field(0, 4)))
            RefuseAttempt(kTooOften, "attempt_delay", "the next attempt may not begin yet",
                          psprintf("It may at %s.", timestamptz_to_str(DatumGetTimestampTz(Field(0, 3)))),
                          nullptr);
        row_.Set("attempt_number", INT4OID, Field(0, 1));
        row_.Set("status", TEXTOID, FromText("in_progress"));
        for (const char *column : {"submitted_at", "graded_at"})
            row_.Set(column, TIMESTAMPTZOID, 0, true);
    }

    void Time() {
        find_due.Run(Access::Write, Key());
        bool no_limit;
        const Datum due = Field(0, 2, &no_limit);
        row_.Set("started_at", TIMESTAMPTZOID, Field(0, 1));
        row_.Set("due_at", TIMESTAMPTZOID, due, no_limit);
    }

    void Ask() {
        int64 seed;
        if (!pg_strong_random(&seed, sizeof(seed)))
            ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
        TakeOwn();
        Draw(seed);
        if (questions_.IsEmpty())
            RefuseAttempt(ERRCODE_CHECK_VIOLATION, "questions_check", "the assessment has no questions",
                          nullptr, "Add questions, or draws from the bank.");
        pin.Run(Access::Write, {FromUuid(assessment_.organization), questions_.Ids(), questions_.Places(),
                                BoolGetDatum(assessment_.shuffles), Int64GetDatum(seed)});
        row_.Set("seed", INT8OID, Int64GetDatum(seed));
        row_.Set("questions", UUIDARRAYOID, Field(0, 1));
        row_.Set("versions", INT8ARRAYOID, Field(0, 2));
        row_.Set("max_score", INT4OID, Field(0, 3));
    }

    void TakeOwn() {
        const uint64 count =
            find_own.Run(Access::Write, {FromUuid(assessment_.organization), FromUuid(assessment_.id)});
        for (uint64 i = 0; i < count; i++) {
            Nullable place;
            place.value = Field(i, 2, &place.is_null);
            questions_.Add(Field(i, 1), place);
        }
    }

    void Draw(int64 seed) {
        const uint64 count =
            find_draws.Run(Access::Write, {FromUuid(assessment_.organization), FromUuid(assessment_.id)});
        const KeptResult draws;
        for (uint64 i = 0; i < count; i++) {
            draws.Restore();
            Nullable place;
            const Datum tags = Field(i, 1);
            const int32 wanted = DatumGetInt32(Field(i, 2));
            place.value = Field(i, 3, &place.is_null);
            DrawSome(seed, tags, wanted, place);
        }
    }

    void DrawSome(int64 seed, Datum tags, int32 wanted, const Nullable &place) {
        const uint64 found =
            draw.Run(Access::Write, {FromUuid(assessment_.organization), tags, questions_.Ids(),
                                     Int64GetDatum(seed), Int32GetDatum(wanted)});
        if (found < static_cast<uint64>(wanted))
            RefuseAttempt(ERRCODE_CHECK_VIOLATION, "draws",
                          "the bank has too few questions for the assessment",
                          psprintf("%d are to be drawn, %d are there.", wanted, static_cast<int>(found)),
                          "Add questions with those tags to the bank.");
        for (uint64 i = 0; i < found; i++)
            questions_.Add(Field(i, 1), place);
    }

    DraftRow row_;
    Assessment assessment_;
    Uuid beneficiary_{};
    Questions questions_;
};

} // namespace

LAUREL_FUNCTION(laurel_begin_attempt) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kBegin);
    Beginning beginning(trigger);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    return beginning.Begin();
}

// laurel_internal.rank_by_seed(seed, item)
LAUREL_FUNCTION(laurel_rank_by_seed) {
    PG_RETURN_INT64(static_cast<int64>(
        kernel::RankBySeed(static_cast<uint64>(PG_GETARG_INT64(0)), ToText(PG_GETARG_DATUM(1)))));
}

} // namespace laurel::assessments
