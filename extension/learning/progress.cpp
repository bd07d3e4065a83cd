// How far somebody is on a path: measured whenever the row is written, by what the path has and what was
// completed.

#include "guards/transition_rows.h"
#include "kernel/path_progress.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

extern "C" {
#include "utils/numeric.h"
}

namespace laurel::learning {

namespace {

constexpr TriggerSpec kFollowPath = {"follow_path", TriggerSpec::Before, TriggerSpec::EachRow,
                                     TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kFollowCompletions = {"follow_completions", TriggerSpec::After,
                                            TriggerSpec::EachStatement,
                                            TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kFollowContents = {"follow_contents", TriggerSpec::After, TriggerSpec::EachStatement,
                                         TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete};

// Keeps others from changing what the path has until this transaction ends.
Statement lock_path =
    Statement("SELECT FROM ONLY laurel.learning_paths WHERE organization_id = $1 AND id = $2 FOR SHARE",
              UUIDOID, UUIDOID);

// What there is, what of it was done, and a milestone that is new ($4 and not $5) and none of the path's.
// What was completed once ($3) counts where its row has gone. A milestone whose module is archived is there
// for those alone who have reached it.
Statement measure = Statement(R"(WITH done AS (SELECT m.id, m.status FROM ONLY laurel.learning_modules m
            WHERE m.organization_id = $1 AND m.learning_path_id = $2 AND (m.id = ANY ($3) OR m.id IN (
                SELECT c.module_id FROM ONLY laurel.module_completions c WHERE c.organization_id = $1
                AND c.learning_path_id = $2 AND c.user_id = $6 AND c.status = 'completed'))),
        reached AS (SELECT s.id FROM ONLY laurel.learning_milestones s WHERE s.organization_id = $1
            AND s.learning_path_id = $2 AND (s.id = ANY ($4) OR s.module_id IN (SELECT id FROM done)))
        SELECT p.total_modules, (SELECT pg_catalog.count(*) FROM ONLY laurel.learning_milestones s
                WHERE s.organization_id = $1 AND s.learning_path_id = $2 AND (s.id IN (SELECT id FROM reached)
                OR NOT EXISTS (SELECT FROM ONLY laurel.learning_modules m WHERE m.organization_id = $1
                    AND m.id = s.module_id AND m.status <> 'active'))),
            (SELECT pg_catalog.count(*) FROM done WHERE status = 'active'), (SELECT pg_catalog.count(*) FROM reached),
            ARRAY(SELECT id FROM done ORDER BY id), ARRAY(SELECT id FROM reached ORDER BY id),
            (SELECT pg_catalog.min(g::pg_catalog.text)::pg_catalog.uuid FROM pg_catalog.unnest($4) g
             WHERE g <> ALL ($5) AND g NOT IN (SELECT id FROM reached))
        FROM ONLY laurel.learning_paths p WHERE p.organization_id = $1 AND p.id = $2)",
                              UUIDOID, UUIDOID, UUIDARRAYOID, UUIDARRAYOID, UUIDARRAYOID, UUIDOID)
                        .Returns(INT8OID, INT8OID, INT8OID, INT8OID, UUIDARRAYOID, UUIDARRAYOID, UUIDOID)
                        .Generic();

SizedStatement lock_paths(R"(SELECT FROM ONLY laurel.learning_paths p WHERE (p.organization_id, p.id) IN (
        SELECT organization_id, learning_path_id FROM new_rows) ORDER BY p.organization_id, p.id FOR SHARE)");

// Whoever begins a module takes its path.
SizedStatement
    take_paths(R"(INSERT INTO laurel.learning_path_progress (organization_id, user_id, learning_path_id)
        SELECT DISTINCT n.organization_id, n.user_id, n.learning_path_id FROM new_rows n WHERE NOT EXISTS (
            SELECT FROM ONLY laurel.learning_path_progress p WHERE p.organization_id = n.organization_id
            AND p.user_id = n.user_id AND p.learning_path_id = n.learning_path_id)
        ORDER BY 1, 2, 3 ON CONFLICT (organization_id, user_id, learning_path_id) DO NOTHING)");

SizedStatement
    move_on(R"(UPDATE ONLY laurel.learning_path_progress p SET last_activity_date = pg_catalog.now() FROM (
            SELECT p.id FROM ONLY laurel.learning_path_progress p WHERE (p.organization_id, p.user_id, p.learning_path_id) IN (
                SELECT organization_id, user_id, learning_path_id FROM new_rows)
            ORDER BY p.organization_id, p.user_id, p.learning_path_id FOR NO KEY UPDATE) held WHERE p.id = held.id)");

// The same three for one completion, of which the first is lock_path.
Statement move_one =
    Statement(R"(UPDATE ONLY laurel.learning_path_progress SET last_activity_date = pg_catalog.now()
        WHERE organization_id = $1 AND user_id = $2 AND learning_path_id = $3)",
              UUIDOID, UUIDOID, UUIDOID)
        .Generic();
Statement take_one =
    Statement(R"(INSERT INTO laurel.learning_path_progress (organization_id, user_id, learning_path_id)
        VALUES ($1, $2, $3) ON CONFLICT (organization_id, user_id, learning_path_id) DO NOTHING)",
              UUIDOID, UUIDOID, UUIDOID)
        .Generic();

// Who is under way is measured anew; who has arrived stays there.
constexpr SqlText kMeasure =
    R"(UPDATE ONLY laurel.learning_path_progress p SET status = p.status FROM (
            SELECT p.id FROM ONLY laurel.learning_path_progress p WHERE p.status <> 'completed'
            AND (p.organization_id, p.learning_path_id) IN (SELECT n.organization_id, n.learning_path_id FROM {1})
            ORDER BY p.organization_id, p.user_id, p.learning_path_id FOR NO KEY UPDATE) held WHERE p.id = held.id)";
constexpr SqlText kModulesChanged =
    "changed_rows n JOIN old_rows o ON o.id = n.id WHERE n.status <> o.status";
constexpr SqlText kMilestonesChanged =
    "changed_rows n JOIN old_rows o ON o.id = n.id WHERE n.module_id IS DISTINCT FROM o.module_id";
constexpr SqlText kAnyChanged = "changed_rows n";
SizedStatement measure_all(Sql<kMeasure, kAnyChanged>);
SizedStatement measure_modules(Sql<kMeasure, kModulesChanged>);
SizedStatement measure_milestones(Sql<kMeasure, kMilestonesChanged>);

// What moves no counter of the path locks it here.
SizedStatement
    lock_milestones(Sql<R"(SELECT FROM ONLY laurel.learning_paths p WHERE (p.organization_id, p.id) IN (
        SELECT n.organization_id, n.learning_path_id FROM {1}) ORDER BY p.organization_id, p.id FOR NO KEY UPDATE)",
                        kMilestonesChanged>);

Datum
NoUuids() {
    return PointerGetDatum(construct_empty_array(UUIDOID));
}

Datum
UuidsOf(const DraftRow &row, const char *column) {
    const Nullable uuids = row.Get(column, UUIDARRAYOID);
    return uuids.is_null ? NoUuids() : uuids.value;
}

[[noreturn]] void
RefuseMilestone(Datum unknown) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "the path has no such milestone",
            .detail = psprintf("Its id would be %s.", UuidText(ToUuid(unknown))),
            .hint = "laurel.learning_milestones has those of each path.",
            .table = "learning_path_progress",
            .constraint = "learning_path_progress_milestones_completed_fkey"});
}

// The time of this transaction, which may have begun before the row did.
TimestampTz
CompletedNow(const DraftRow &row) {
    const Nullable started = row.Get("started_date", TIMESTAMPTZOID);
    const TimestampTz now = GetCurrentTransactionStartTimestamp();
    return started.is_null ? now : std::max(now, DatumGetTimestampTz(started.value));
}

// Writes into the row what the last statement has measured.
void
WriteMeasured(DraftRow *row, bool was_completed) {
    Row measured;
    bool is_null;
    const int64 modules = DatumGetInt64(measured.Next()), milestones = DatumGetInt64(measured.Next());
    const int64 modules_done = DatumGetInt64(measured.Next()),
                milestones_done = DatumGetInt64(measured.Next());
    row->Set("modules_completed", UUIDARRAYOID, measured.Next());
    row->Set("milestones_completed", UUIDARRAYOID, measured.Next());
    const Datum unknown = measured.Next(&is_null);
    if (!is_null)
        RefuseMilestone(unknown);
    constexpr int kAll = 10000;
    const int progress =
        was_completed ? kAll : kernel::PathProgress({modules_done, modules}, {milestones_done, milestones});
    row->Set("progress_percentage", NUMERICOID, NumericGetDatum(int64_div_fast_to_numeric(progress, 2)));
    row->Set("status", TEXTOID, FromText(progress == kAll ? "completed" : "in_progress"));
    if (progress < kAll)
        row->Set("completed_date", TIMESTAMPTZOID, 0, true);
    else if (row->IsNull("completed_date"))
        row->Set("completed_date", TIMESTAMPTZOID, TimestampTzGetDatum(CompletedNow(*row)));
}

// Who has begun a path at the same time has been there when this one has waited for it.
void
FollowOne(const TriggerData *trigger) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    guards::TransitionReader rows(tuple_desc, trigger->tg_newtable);
    const DraftRow row(ExecFetchSlotHeapTuple(rows.Next(), false, nullptr), tuple_desc);
    const Uuid organization = row.Id("organization_id"), path = row.Id("learning_path_id"),
               user = row.Id("user_id");
    const Datum progress[] = {FromUuid(organization), FromUuid(user), FromUuid(path)};
    lock_path.Run(Access::Write, {FromUuid(organization), FromUuid(path)});
    if (move_one.Run(Access::Write, progress) == 0 && take_one.Run(Access::Write, progress) == 0)
        move_one.Run(Access::Write, progress);
}

void
FollowAll(TriggerData *trigger, int64 rows) {
    ShareTransitionTables(trigger);
    lock_paths.Run(rows);
    take_paths.Run(rows);
    move_on.Run(rows);
}

} // namespace

LAUREL_FUNCTION(laurel_follow_path) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kFollowPath);
    DraftRow row(trigger);
    if (row.IsNull("organization_id") || row.IsNull("learning_path_id") || row.IsNull("user_id"))
        return row.Done();
    const bool is_new = !TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
    const DraftRow was(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    const Uuid organization = row.Id("organization_id"), path = row.Id("learning_path_id"),
               user = row.Id("user_id");
    const Datum values[] = {FromUuid(organization),
                            FromUuid(path),
                            UuidsOf(row, "modules_completed"),
                            UuidsOf(row, "milestones_completed"),
                            is_new ? NoUuids() : UuidsOf(was, "milestones_completed"),
                            FromUuid(user)};
    if (lock_path.Run(Access::Write, {values[0], values[1]}) > 0 && measure.Run(Access::Write, values) > 0)
        WriteMeasured(&row, !is_new && was.Text("status") == "completed");
    return row.Done();
}

LAUREL_FUNCTION(laurel_follow_completions) {
    TriggerData *trigger = CheckTrigger(fcinfo, kFollowCompletions);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    if (rows == 1 && trigger->tg_newtable != nullptr)
        FollowOne(trigger);
    else
        FollowAll(trigger, rows);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_follow_contents) {
    TriggerData *trigger = CheckTrigger(fcinfo, kFollowContents);
    const int64 rows = RowsOf(trigger->tg_newtable != nullptr ? trigger->tg_newtable : trigger->tg_oldtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)) {
        measure_all.Run(rows);
    } else if (RelationGetRelid(trigger->tg_relation) == TableOid("learning_modules")) {
        measure_modules.Run(rows);
    } else {
        lock_milestones.Run(rows);
        measure_milestones.Run(rows);
    }
    return PointerGetDatum(nullptr);
}

} // namespace laurel::learning
