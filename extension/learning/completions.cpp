// What a member does of a module. Whatever writes a completion: its answers are graded, who reaches the
// passing score has completed it, and what the row says of attempts, points and times is written here.
//
// Lock order: a completion, then its path (shared), then the member's progress, then what is told. Whoever
// changes the modules of a path locks it first and progress then; so nobody is measured by modules that are
// no longer so.

#include "access/caller.h"
#include "guards/derived_write.h"
#include "learning/certifications.h"
#include "learning/module.h"
#include "learning/prerequisites.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/own_lock.h"
#include "postgres/owner.h"
#include "postgres/trigger.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace laurel::learning {

namespace {

constexpr TriggerSpec kGradeCompletion = {"grade_completion", TriggerSpec::Before, TriggerSpec::EachRow,
                                          TriggerSpec::Insert | TriggerSpec::Update};

Statement find_completion = Statement(R"(SELECT FROM ONLY laurel.module_completions
        WHERE organization_id = $1 AND user_id = $2 AND module_id = $3)",
                                      UUIDOID, UUIDOID, UUIDOID);

// Whether a row that is being inserted will meet another one. ON CONFLICT shows what a trigger has made of
// the first, so that answers would be graded in it without being an attempt. Who inserts at the same time
// waits.
bool
MeetsAnother(const Uuid &organization, const Uuid &user, const Uuid &module) {
    pg_uuid_t pair;
    for (size_t i = 0; i < UUID_LEN; i++)
        pair.data[i] = user.bytes[i] ^ module.bytes[i];
    LockUserUntilEnd(OwnLock::FirstAnswers, &pair, ExclusiveLock);
    return find_completion.Run(Access::Write, {FromUuid(organization), FromUuid(user), FromUuid(module)}) > 0;
}

[[noreturn]] void
RefuseCompletion(int sqlstate, const char *constraint, const char *message, const char *detail,
                 const char *hint) {
    Refuse({.sqlstate = sqlstate,
            .message = message,
            .detail = detail,
            .hint = hint,
            .table = "module_completions",
            .constraint = constraint});
}

bool
IsBelow(Datum score, Datum passing) {
    return DatumGetBool(DirectFunctionCall2(numeric_lt, score, passing));
}

bool
SameJson(const Nullable &a, const Nullable &b) {
    if (a.is_null || b.is_null)
        return a.is_null == b.is_null;
    return DatumGetBool(DirectFunctionCall2(jsonb_eq, a.value, b.value));
}

bool
SameNumber(const Nullable &a, const Nullable &b) {
    if (a.is_null || b.is_null)
        return a.is_null == b.is_null;
    return DatumGetBool(DirectFunctionCall2(numeric_eq, a.value, b.value));
}

// A completion that is written, and as it was.
class Completion {
public:
    explicit Completion(const TriggerData *trigger)
        : table_(RelationGetRelid(trigger->tg_relation)), row_(trigger),
          was_(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation)),
          is_new_(!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)), answers_(row_.Get("answers", JSONBOID)),
          score_(row_.Get("quiz_score", NUMERICOID)) {
        is_answered_ = !answers_.is_null && !SameJson(answers_, Before("answers", JSONBOID));
        is_scored_ = !SameNumber(score_, Before("quiz_score", NUMERICOID));
    }

    // Writes what follows from what was asked for.
    Datum Settle() {
        if (row_.IsNull("organization_id") || row_.IsNull("module_id") || row_.IsNull("user_id"))
            return row_.Done();
        if (!is_new_ && was_.Text("status") == "completed")
            return KeepCompleted();
        const bool claims = row_.Text("status") == "completed";
        if (is_answered_ || is_scored_ || claims)
            Grade();
        else
            Stamp();
        return row_.Done();
    }

private:
    Nullable Before(const char *column, Oid type) const {
        return is_new_ ? Nullable() : was_.Get(column, type);
    }

    // Of what is completed only the time that was spent changes.
    Datum KeepCompleted() {
        const bool is_changed = !SameJson(answers_, Before("answers", JSONBOID)) || is_scored_;
        if (is_changed)
            RefuseCompletion(ERRCODE_CHECK_VIOLATION, "module_completions_completed",
                             "a module that is completed takes no answers any more", nullptr,
                             "Leave answers and quiz_score as they are.");
        for (const char *column : {"completed_date", "last_attempt_at"})
            Restore(column, TIMESTAMPTZOID);
        Restore("points_earned", INT8OID);
        Restore("attempts", INT4OID);
        return row_.Done();
    }

    void Restore(const char *column, Oid type) {
        const Nullable before = Before(column, type);
        row_.Set(column, type, before.value, before.is_null);
    }

    void Grade() {
        organization_ = row_.Id("organization_id");
        id_ = row_.Id("module_id");
        access::NoticeChanges();
        const bool may_grade =
            IsTrusted(table_) || access::Administers(access::CurrentCaller(), organization_);
        if (!may_grade)
            RequireOneself();
        if (is_answered_)
            RequireBoundedJson(answers_.value, "module_completions", "answers");
        const AsOwner owner(OwnerOf(table_));
        const SpiConnection spi;
        if (!FindModule(organization_, id_, &module_))
            return Stamp();
        if (is_new_ && is_answered_ && MeetsAnother(organization_, row_.Id("user_id"), id_)) {
            is_answered_ = false;
            return Stamp();
        }
        if (!module_.is_active && !may_grade)
            RefuseArchived();
        RequirePrerequisites();
        if (is_scored_ && !may_grade)
            RefuseCompletion(ERRCODE_INSUFFICIENT_PRIVILEGE, nullptr, "not allowed to write quiz_score",
                             nullptr,
                             access::HintOr("Write answers: they are graded here, or by an org_admin."));
        if (is_answered_)
            Attempt();
        Decide(may_grade);
        Stamp();
    }

    // Row security looks after this trigger, whose refusals would tell what somebody else has completed.
    void RequireOneself() {
        const access::Caller &caller = access::CurrentCaller();
        if (!caller.known || !(caller.user == row_.Id("user_id")))
            RefuseCompletion(
                ERRCODE_INSUFFICIENT_PRIVILEGE, nullptr, "not allowed to learn for this member here", nullptr,
                access::HintOr(
                    "Members learn for themselves in the active organization, org_admins write for others."));
    }

    [[noreturn]] static void RefuseArchived() {
        RefuseCompletion(ERRCODE_CHECK_VIOLATION, "module_completions_module_id_required",
                         "the module is archived", "Nobody needs it any more.",
                         "laurel.can_start() says what may be done.");
    }

    void RequirePrerequisites() {
        if (!module_.has_prerequisites)
            return;
        const Missing missing = FindMissing(organization_, id_, row_.Id("user_id"));
        if (missing.count > 0)
            RefuseCompletion(ERRCODE_CHECK_VIOLATION, "module_completions_prerequisites",
                             "other modules must be completed before this one",
                             psprintf("To complete first: %s.", missing.titles),
                             "laurel.can_start() says what is missing.");
    }

    void Attempt() {
        const Nullable before = Before("attempts", INT4OID), last = Before("last_attempt_at", TIMESTAMPTZOID);
        attempts_ = before.is_null ? 0 : DatumGetInt32(before.value);
        if (module_.max_attempts > 0 && attempts_ >= module_.max_attempts)
            RefuseCompletion(
                ERRCODE_CHECK_VIOLATION, "module_completions_attempts_allowed", "there are no attempts left",
                psprintf("The module allows %d.", module_.max_attempts), "Ask who looks after the path.");
        const TimestampTz now = GetCurrentTimestamp();
        const TimestampTz next = last.is_null ? now : NextAttempt(module_, DatumGetTimestampTz(last.value));
        if (next > now)
            RefuseCompletion(
                kTooOften, "module_completions_attempt_cooldown", "it is too soon for another attempt",
                psprintf("The next one may be made at %s.", timestamptz_to_str(next)), "Wait until then.");
        attempts_++;
        if (!is_scored_ && module_.has_keys)
            score_ = GradeAnswers(organization_, id_, answers_.value);
        is_graded_ = !score_.is_null && (is_scored_ || module_.has_keys);
    }

    // Whether the module is completed by this. Answers are worth what they are, whatever was claimed: an
    // error would say what they came to, and undo the attempt.
    void Decide(bool may_grade) {
        const bool passes = !score_.is_null && !IsBelow(score_.value, module_.passing_score);
        if (is_answered_ && module_.has_quiz && !passes && !may_grade)
            row_.Set("status", TEXTOID, FromText("in_progress"));
        const bool claims = row_.Text("status") == "completed";
        completes_ = claims || (passes && (is_graded_ || is_scored_));
        if (completes_ && module_.points > 0 &&
            IsUnpaidRenewal({organization_, row_.Id("user_id")}, module_.path))
            module_.points = 0;
        if (!claims || passes)
            return;
        if (!score_.is_null)
            RefuseCompletion(ERRCODE_CHECK_VIOLATION, "module_completions_passed",
                             "the module is not completed with that score",
                             psprintf("It takes %s per cent, and %s were reached.",
                                      Text(module_.passing_score), Text(score_.value)),
                             "Answer again.");
        if (module_.has_quiz && !may_grade)
            RefuseCompletion(ERRCODE_CHECK_VIOLATION, "module_completions_quiz_required",
                             "the module is completed by its quiz", nullptr,
                             "Write answers: an object by the ids of the questions.");
    }

    static const char *Text(Datum number) {
        return DatumGetCString(DirectFunctionCall1(numeric_out, number));
    }

    // What nobody else writes.
    void Stamp() {
        row_.Set("quiz_score", NUMERICOID, score_.value, score_.is_null);
        if (is_answered_) {
            row_.Set("attempts", INT4OID, Int32GetDatum(attempts_));
            row_.Set("last_attempt_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp()));
        } else {
            const Nullable attempts = Before("attempts", INT4OID);
            row_.Set("attempts", INT4OID, attempts.is_null ? Int32GetDatum(0) : attempts.value);
            Restore("last_attempt_at", TIMESTAMPTZOID);
        }
        row_.Set("points_earned", INT8OID, Int64GetDatum(completes_ ? module_.points : 0));
        if (!completes_)
            row_.Set("completed_date", TIMESTAMPTZOID, 0, true);
        else if (row_.IsNull("completed_date"))
            row_.Set("completed_date", TIMESTAMPTZOID,
                     TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
        if (completes_)
            row_.Set("status", TEXTOID, FromText("completed"));
    }

    Oid table_;
    DraftRow row_;
    DraftRow was_;
    bool is_new_;
    Nullable answers_;
    Nullable score_;
    bool is_answered_;
    bool is_scored_;
    Uuid organization_{};
    Uuid id_{};
    Module module_{};
    int32 attempts_ = 0;
    bool is_graded_ = false;
    bool completes_ = false;
};

} // namespace

LAUREL_FUNCTION(laurel_grade_completion) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kGradeCompletion);
    // Of whoever is erased the answers go and what they were worth stays.
    if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) && guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(trigger->tg_newtuple);
    return Completion(trigger).Settle();
}

} // namespace laurel::learning
