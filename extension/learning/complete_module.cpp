// Completing a module by a function: it writes the row as its caller, whose policies hold, and the row's
// triggers do the rest.

#include "access/caller.h"
#include "learning/learners.h"
#include "learning/module.h"
#include "learning/prerequisites.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"

namespace laurel::learning {

namespace {

Statement find_module_organization =
    Statement("SELECT organization_id FROM ONLY laurel.learning_modules WHERE id = $1", UUIDOID)
        .Returns(UUIDOID);

Statement find_result =
    Statement(R"(SELECT c.status = 'completed', c.id, c.status, c.quiz_score, m.passing_score, c.attempts,
        c.points_earned, p.progress_percentage, p.status
        FROM ONLY laurel.module_completions c
        JOIN ONLY laurel.learning_modules m ON m.organization_id = c.organization_id AND m.id = c.module_id
        LEFT JOIN ONLY laurel.learning_path_progress p ON p.organization_id = c.organization_id
            AND p.user_id = c.user_id AND p.learning_path_id = c.learning_path_id
        WHERE c.organization_id = $1 AND c.user_id = $2 AND c.module_id = $3)",
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(BOOLOID, UUIDOID, TEXTOID, NUMERICOID, NUMERICOID, INT4OID, INT8OID, NUMERICOID, TEXTOID)
        .Generic();
constexpr int kResults = 8;

constexpr SqlText kStatus = "CASE WHEN $4::pg_catalog.jsonb IS NULL AND $5::pg_catalog.numeric IS NULL THEN "
                            "'completed' ELSE 'in_progress' END";
// No more than a check of the column can refuse.
constexpr SqlText kTime =
    "CASE WHEN $6 < 0 THEN $6 ELSE least(c.time_spent::pg_catalog.int8 + $6, 2147483647) END";
constexpr Oid kWrittenTypes[] = {UUIDOID, UUIDOID, UUIDOID, JSONBOID, NUMERICOID, INT4OID};

constexpr SqlText kUpdate =
    R"(UPDATE ONLY laurel.module_completions c SET status = {1}, answers = coalesce($4, c.answers),
        quiz_score = coalesce($5, c.quiz_score), time_spent = {2}
        WHERE c.organization_id = $1 AND c.user_id = $2 AND c.module_id = $3 AND c.status <> 'completed')";
constexpr SqlText kInsert =
    R"(INSERT INTO laurel.module_completions AS c (organization_id, user_id, module_id, status,
        answers, quiz_score, time_spent) VALUES ($1, $2, $3, {1}, $4, $5, $6)
        ON CONFLICT (organization_id, user_id, module_id) DO NOTHING)";
Statement update_completion = Statement(Sql<kUpdate, kStatus, kTime>, kWrittenTypes);
Statement insert_completion = Statement(Sql<kInsert, kStatus>, kWrittenTypes);

// Whether the row is completed; refuses where there is none.
bool
IsCompleted(const Parameters &key, bool must_be_there) {
    if (find_result.Run(Access::Write, key) > 0)
        return DatumGetBool(Field(0, 1));
    if (must_be_there)
        RefuseDropped(TableOid("module_completions"), "a trigger dropped the completion");
    return false;
}

// Writes the row where it is not completed, and finds the result. Who comes second to insert finds the row of
// the first.
void
WriteCompletion(const Parameters &key, const Nullable (&values)[6]) {
    if (update_completion.Run(Access::Write, values) == 0) {
        if (IsCompleted(key, false))
            return;
        if (insert_completion.Run(Access::Write, values) == 0)
            update_completion.Run(Access::Write, values);
    }
    IsCompleted(key, true);
}

// What a member may do of a module, beginning with what is in the way.
struct Start {
    const char *reason = nullptr;
    Datum missing;
    int32 attempts_left = -1; // any number
    TimestampTz next = DT_NOBEGIN;
};

Statement find_attempts =
    Statement(R"(SELECT status = 'completed', attempts, last_attempt_at FROM ONLY laurel.module_completions
        WHERE organization_id = $1 AND user_id = $2 AND module_id = $3)",
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(BOOLOID, INT4OID, TIMESTAMPTZOID);

// A path that takes nobody any more goes on for those who are in it.
bool
IsOpen(const Learner &learner, const Module &module) {
    return module.is_active && (module.path_takes_members || IsEnrolled(learner, module.path));
}

// What the member's own row says.
const char *
ReadAttempts(const Parameters &key, const Module &module, Start *start) {
    if (module.max_attempts > 0)
        start->attempts_left = module.max_attempts;
    if (find_attempts.Run(Access::Write, key) == 0)
        return nullptr;
    Row row;
    bool is_null;
    if (DatumGetBool(row.Next()))
        return "completed";
    const int32 attempts = DatumGetInt32(row.Next());
    if (module.max_attempts > 0)
        start->attempts_left = std::max(0, module.max_attempts - attempts);
    const Datum last = row.Next(&is_null);
    if (!is_null)
        start->next = NextAttempt(module, DatumGetTimestampTz(last));
    if (start->attempts_left == 0)
        return "attempts";
    return start->next > GetCurrentTimestamp() ? "cooldown" : nullptr;
}

Start
FindStart(const Learner &learner, const Uuid &id) {
    Start start;
    Module module;
    const Datum key[] = {FromUuid(learner.organization), FromUuid(learner.user), FromUuid(id)};
    const bool found = FindModule(learner.organization, id, &module);
    start.reason = found ? ReadAttempts(key, module, &start) : "closed";
    const Missing missing = FindMissing(learner.organization, id, learner.user);
    start.missing = missing.ids;
    if (start.reason == nullptr && !IsOpen(learner, module))
        start.reason = "closed";
    if (start.reason == nullptr && missing.count > 0)
        start.reason = "prerequisites";
    return start;
}

} // namespace

// laurel.complete_module(module, user, answers, score, time_spent)
LAUREL_FUNCTION(laurel_complete_module) {
    const Learner learner =
        LearnerOf(fcinfo, &find_module_organization, "module_id", "module_completions_module_id_fkey", false);
    const Datum module = PG_GETARG_DATUM(0);
    const Datum time = PG_ARGISNULL(4) ? Int32GetDatum(0) : PG_GETARG_DATUM(4);
    const Nullable values[] = {FromUuid(learner.organization),
                               FromUuid(learner.user),
                               module,
                               Argument(fcinfo, 2),
                               Argument(fcinfo, 3),
                               time};
    const Parameters key = {values[0], values[1], values[2]};
    const MemoryContext memory = CurrentMemoryContext;
    const SpiConnection spi;
    WriteCompletion(key, values);
    Datum fields[kResults + 1];
    bool nulls[kResults + 1];
    Fields(0, kResults + 1, fields, nulls);
    Datum result[kResults];
    std::copy_n(fields + 1, kResults, result);
    MemoryContextSwitchTo(memory);
    return ResultRow(fcinfo, result, nulls + 1);
}

// laurel.can_start(module, user)
LAUREL_FUNCTION(laurel_can_start) {
    const Learner learner =
        LearnerOf(fcinfo, &find_module_organization, "module_id", "module_completions_module_id_fkey", true);
    const MemoryContext memory = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("learning_modules")));
    const SpiConnection spi;
    const Start start = FindStart(learner, ToUuid(PG_GETARG_DATUM(0)));
    const bool waits = start.next > GetCurrentTimestamp();
    MemoryContextSwitchTo(memory);
    const Datum values[] = {BoolGetDatum(start.reason == nullptr),
                            start.reason == nullptr ? 0 : FromText(start.reason), start.missing,
                            Int32GetDatum(start.attempts_left), TimestampTzGetDatum(start.next)};
    const bool nulls[] = {false, start.reason == nullptr, false, start.attempts_left < 0, !waits};
    return ResultRow(fcinfo, values, nulls);
}

} // namespace laurel::learning
