// Who is to take which path: given out when it is assigned, and when somebody joins later; taken back when he
// leaves, or when it is withdrawn.
//
// Who joins or leaves shares the organization's own lock, who assigns has it alone: nobody is in between and
// missed. Whoever completes a path shares the path, which who assigns locks, and has the own lock of the
// member, which who joins takes. Lock order: paths, assignments, the organization, members, rows of
// assigned_learning by (organization_id, user_id, id). Who assigns locks the path before anything else refers
// to it: two who share it first would wait for each other.

#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/list.h"
#include "postgres/own_lock.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/sql.h"
#include "postgres/trigger.h"

extern "C" {
#include "access/xact.h"
}

namespace laurel::learning {

namespace {

constexpr TriggerSpec kTakePath = {"take_path", TriggerSpec::Before, TriggerSpec::EachRow,
                                   TriggerSpec::Insert};
constexpr TriggerSpec kAssignPaths = {"assign_paths", TriggerSpec::After, TriggerSpec::EachStatement,
                                      TriggerSpec::Insert};
constexpr TriggerSpec kAssignJoiners = {"assign_joiners", TriggerSpec::After, TriggerSpec::EachStatement,
                                        TriggerSpec::Insert};
constexpr TriggerSpec kAssignTeammates = {"assign_teammates", TriggerSpec::After, TriggerSpec::EachStatement,
                                          TriggerSpec::Insert};
constexpr TriggerSpec kReleaseTeammates = {"release_teammates", TriggerSpec::After,
                                           TriggerSpec::EachStatement, TriggerSpec::Delete};
constexpr TriggerSpec kFollowAssignments = {"follow_assignments", TriggerSpec::After,
                                            TriggerSpec::EachStatement, TriggerSpec::Update};
constexpr TriggerSpec kWithdrawArchived = {"withdraw_archived", TriggerSpec::After, TriggerSpec::EachRow,
                                           TriggerSpec::Update};
constexpr TriggerSpec kSettleAssigned = {"settle_assigned", TriggerSpec::After, TriggerSpec::EachStatement,
                                         TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kRenewAssigned = {"renew_assigned", TriggerSpec::After, TriggerSpec::EachStatement,
                                        TriggerSpec::Insert | TriggerSpec::Update};

// Assignments `a` and who is to learn, m.user_id.
constexpr SqlText kToEverybody = R"(new_rows a JOIN ONLY laurel.user_organizations m
            ON m.organization_id = a.organization_id AND a.audience = 'everybody')";
constexpr SqlText kToMember = R"(new_rows a JOIN ONLY laurel.user_organizations m
            ON m.organization_id = a.organization_id AND m.user_id = a.user_id AND a.audience = 'member')";
constexpr SqlText kToTeam = R"(new_rows a JOIN ONLY laurel.team_memberships m
            ON m.organization_id = a.organization_id AND m.team_id = a.team_id AND a.audience = 'team')";
constexpr SqlText kToJoiners = R"(new_rows m JOIN ONLY laurel.learning_assignments a
            ON a.organization_id = m.organization_id AND a.audience IN ('everybody', 'joiners'))";
constexpr SqlText kToTeammates = R"(new_rows m JOIN ONLY laurel.learning_assignments a
            ON a.organization_id = m.organization_id AND a.team_id = m.team_id AND a.audience = 'team')";

// Those of a source {1} whom an assignment still owes a row, and when they have completed the path where that
// counts.
constexpr SqlText kOwed =
    R"(SELECT a.organization_id, a.id AS assignment_id, a.learning_path_id, a.is_required,
            m.user_id, greatest(a.due_at, pg_catalog.now() + a.due_after) AS due_at, done.at
        FROM {1} CROSS JOIN LATERAL (SELECT pg_catalog.max(c.at) AS at FROM (
            SELECT p.completed_date AS at FROM ONLY laurel.learning_path_progress p WHERE p.organization_id = a.organization_id
                AND p.user_id = m.user_id AND p.learning_path_id = a.learning_path_id
            UNION ALL SELECT c.completed_at FROM ONLY laurel.path_certifications c WHERE c.organization_id = a.organization_id
                AND c.user_id = m.user_id AND c.learning_path_id = a.learning_path_id) c
            WHERE a.counts_before AND (a.recertify_every IS NULL OR c.at + a.recertify_every > pg_catalog.now())) done
        WHERE a.status = 'active' AND NOT EXISTS (SELECT FROM ONLY laurel.assigned_learning g
            WHERE g.organization_id = a.organization_id AND g.assignment_id = a.id AND g.user_id = m.user_id))";
constexpr SqlText kGive =
    R"(INSERT INTO laurel.assigned_learning (organization_id, assignment_id, learning_path_id,
            is_required, user_id, due_at, status, completed_at)
        SELECT o.organization_id, o.assignment_id, o.learning_path_id, o.is_required, o.user_id, o.due_at,
            CASE WHEN o.at IS NULL THEN 'assigned' ELSE 'completed' END, o.at
        FROM ({1}) o ORDER BY o.organization_id, o.user_id, o.assignment_id
        ON CONFLICT (organization_id, assignment_id, user_id, cycle) DO NOTHING)";
// Rows that another snapshot shows open, of a path that the member has completed in time.
constexpr SqlText kOverlooked =
    R"(SELECT FROM {1} JOIN ONLY laurel.assigned_learning g ON g.organization_id = a.organization_id
            AND g.assignment_id = a.id AND g.user_id = m.user_id AND g.status = 'assigned' AND g.cycle = 1
        JOIN ONLY laurel.learning_path_progress p ON p.organization_id = a.organization_id AND p.user_id = m.user_id
            AND p.learning_path_id = a.learning_path_id
        WHERE a.counts_before AND (a.recertify_every IS NULL OR p.completed_date + a.recertify_every > pg_catalog.now()) LIMIT 1)";

constexpr const char *kOrganizations = "SELECT DISTINCT organization_id FROM new_rows";

// Gives the assignments of a source to the people in it.
template <SqlText source> struct Source {
    static inline SizedStatement give{Sql<kGive, Sql<kOwed, source>>};
    static inline SizedStatement owed{Sql<"SELECT FROM ({1}) o LIMIT 1", Sql<kOwed, source>>};
    static inline SizedStatement overlooked{Sql<kOverlooked, source>};
    // A plan is for the rows of one table.
    static inline SizedStatement organizations = SizedStatement(kOrganizations).Returns(UUIDOID);
    static inline SizedStatement members =
        SizedStatement("SELECT DISTINCT user_id FROM new_rows").Returns(UUIDOID);
};

const Statement give_everybody(Sql<kGive, Sql<kOwed, kToEverybody>>);
const Statement give_member(Sql<kGive, Sql<kOwed, kToMember>>);
const Statement give_team(Sql<kGive, Sql<kOwed, kToTeam>>);

// Who comes back to where he has left before goes on, with as much time as he had then at first. What he has
// completed meanwhile counts; that which has made it due again does not, made at the same time as the row.
SizedStatement take_up(
    Sql<R"(UPDATE ONLY laurel.assigned_learning g SET status = CASE WHEN back.at IS NULL THEN 'assigned' ELSE 'completed' END,
            completed_at = back.at, due_at = back.due_at, assigned_at = pg_catalog.now()
        FROM (SELECT g.id, CASE WHEN g.cycle = 1 THEN greatest(a.due_at, pg_catalog.now() + a.due_after) ELSE g.due_at END AS due_at,
                (SELECT p.completed_date FROM ONLY laurel.learning_path_progress p WHERE p.organization_id = g.organization_id
                 AND p.user_id = g.user_id AND p.learning_path_id = g.learning_path_id AND p.completed_date >= g.assigned_at
                 AND (g.cycle = 1 OR p.completed_date > g.assigned_at)) AS at
            FROM {1} JOIN ONLY laurel.assigned_learning g ON g.organization_id = a.organization_id AND g.assignment_id = a.id
                AND g.user_id = m.user_id AND g.status = 'withdrawn'
            WHERE a.status = 'active' ORDER BY g.organization_id, g.user_id, g.id FOR NO KEY UPDATE OF g) back WHERE g.id = back.id)",
        kToTeammates>);

SizedStatement release(R"(UPDATE ONLY laurel.assigned_learning g SET status = 'withdrawn' FROM (
            SELECT g.id FROM old_rows m JOIN ONLY laurel.learning_assignments a ON a.organization_id = m.organization_id
                AND a.team_id = m.team_id AND a.audience = 'team'
            JOIN ONLY laurel.assigned_learning g ON g.organization_id = a.organization_id AND g.assignment_id = a.id
                AND g.user_id = m.user_id AND g.status = 'assigned'
            ORDER BY g.organization_id, g.user_id, g.id FOR NO KEY UPDATE OF g) held WHERE g.id = held.id)");

// An assignment that is changed: what is open follows.
SizedStatement
    follow(R"(UPDATE ONLY laurel.assigned_learning g SET is_required = held.is_required, due_at = held.due_at,
            status = CASE held.status WHEN 'withdrawn' THEN 'withdrawn' ELSE g.status END
        FROM (SELECT g.id, n.is_required, n.status, CASE WHEN g.cycle = 1 AND (n.due_at, n.due_after) IS DISTINCT FROM (o.due_at, o.due_after)
                THEN greatest(n.due_at, g.assigned_at + n.due_after) ELSE g.due_at END AS due_at
            FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN ONLY laurel.assigned_learning g
                ON g.organization_id = n.organization_id AND g.assignment_id = n.id AND g.status = 'assigned'
            WHERE (n.status, n.is_required, n.due_at, n.due_after, n.remind_before, n.escalate_after)
                IS DISTINCT FROM (o.status, o.is_required, o.due_at, o.due_after, o.remind_before, o.escalate_after)
            ORDER BY g.organization_id, g.user_id, g.id FOR NO KEY UPDATE OF g) held WHERE g.id = held.id)");

Statement withdraw(R"(UPDATE ONLY laurel.learning_assignments SET status = 'withdrawn'
        WHERE organization_id = $1 AND learning_path_id = $2 AND status = 'active')",
                   UUIDOID, UUIDOID);

SizedStatement left_organizations =
    SizedStatement("SELECT DISTINCT organization_id FROM old_rows").Returns(UUIDOID);

// Waits for who is completing the path.
Statement take_path("SELECT FROM ONLY laurel.learning_paths WHERE id = $1 FOR NO KEY UPDATE", UUIDOID);

constexpr SqlText kDoneInserted = "new_rows n WHERE n.status = 'completed'";
constexpr SqlText kDoneUpdated =
    "new_rows n JOIN old_rows o ON o.id = n.id WHERE n.status = 'completed' AND o.status <> 'completed'";

// A path that was completed ({1}) settles what was assigned of it.
template <SqlText source> struct Done {
    static inline SizedStatement members =
        SizedStatement(Sql<"SELECT DISTINCT n.user_id FROM {1}", source>).Returns(UUIDOID);
    static inline SizedStatement settle{Sql<
        R"(UPDATE ONLY laurel.assigned_learning g SET status = 'completed', completed_at = held.completed_date
            FROM (SELECT g.id, n.completed_date FROM (SELECT n.* FROM {1}) n JOIN ONLY laurel.assigned_learning g
                    ON g.organization_id = n.organization_id AND g.user_id = n.user_id
                    AND g.learning_path_id = n.learning_path_id AND g.status = 'assigned'
                ORDER BY g.organization_id, g.user_id, g.id FOR NO KEY UPDATE OF g) held WHERE g.id = held.id)",
        source>};
    static inline SizedStatement open{Sql<
        R"(SELECT FROM (SELECT n.* FROM {1}) n JOIN ONLY laurel.assigned_learning g ON g.organization_id = n.organization_id
            AND g.user_id = n.user_id AND g.learning_path_id = n.learning_path_id AND g.status = 'assigned'
            AND (g.cycle = 1 OR g.opens_at <= n.completed_date) LIMIT 1)",
        source>};
    // What is completed is to be done again after a time.
    static inline SizedStatement renew{Sql<
        R"(INSERT INTO laurel.assigned_learning (organization_id, assignment_id, learning_path_id, is_required, user_id,
                cycle, due_at, opens_at)
            SELECT n.organization_id, n.assignment_id, n.learning_path_id, a.is_required, n.user_id, n.cycle + 1,
                n.completed_at + a.recertify_every, n.completed_at + a.recertify_every - a.renew_before
            FROM (SELECT n.* FROM {1}) n JOIN ONLY laurel.learning_assignments a ON a.organization_id = n.organization_id
                AND a.id = n.assignment_id AND a.status = 'active' AND a.recertify_every IS NOT NULL
            ORDER BY n.organization_id, n.user_id, n.assignment_id
            ON CONFLICT (organization_id, assignment_id, user_id, cycle) DO NOTHING)",
        source>};
};

// What a transaction that reads an older snapshot would overlook.
[[noreturn]] void
RefuseStale() {
    Refuse({.sqlstate = ERRCODE_T_R_SERIALIZATION_FAILURE,
            .message = "could not serialize access: learning was assigned or completed meanwhile",
            .hint = "Run the transaction again.",
            .table = "assigned_learning"});
}

void
LockOrganizations(SizedStatement *find, int64 rows, LOCKMODE mode) {
    const uint64 count = find->Run(rows);
    OrganizationLocks locks(count);
    for (uint64 i = 0; i < count; i++)
        locks.Add(DatumGetUUIDP(Field(i, 1)));
    locks.TakeUntilEnd(OwnLock::Assignments, mode);
}

// The number of members whose lock is taken.
uint64
LockMembers(SizedStatement *find, int64 rows) {
    const uint64 count = find->Run(rows);
    UserLocks locks(count);
    for (uint64 i = 0; i < count; i++)
        locks.Add(DatumGetUUIDP(Field(i, 1)));
    locks.TakeUntilEnd(OwnLock::AssignedLearning, ExclusiveLock);
    return count;
}

// Refuses where one of the statements finds anything in what is committed now.
void
RequireSeen(TriggerData *trigger, int64 rows, std::initializer_list<SizedStatement *> overlooked) {
    if (!IsolationUsesXactSnapshot())
        return;
    const FreshRead fresh(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    ShareTransitionTables(trigger);
    for (SizedStatement *statement : overlooked)
        if (statement->For(rows).Run(Access::Read) > 0)
            RefuseStale();
}

void
Assign(TriggerData *trigger, int64 rows) {
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    LockOrganizations(&Source<kToEverybody>::organizations, rows, ExclusiveLock);
    // Planned anew each time: one row may be for everybody, and the tables have grown since.
    for (const Statement *give : {&give_everybody, &give_member, &give_team})
        give->RunOnce(Access::Write);
}

// Gives who has come to where a source looks what is assigned there.
template <SqlText source>
void
GiveToComers(TriggerData *trigger, int64 rows, SizedStatement *before) {
    {
        const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
        const SpiConnection spi;
        ShareTransitionTables(trigger);
        LockOrganizations(&Source<source>::organizations, rows, ShareLock);
        LockMembers(&Source<source>::members, rows);
        if (before != nullptr)
            before->Run(rows);
        Source<source>::give.Run(rows);
    }
    RequireSeen(trigger, rows, {&Source<source>::owed, &Source<source>::overlooked});
}

template <SqlText source>
void
Settle(TriggerData *trigger, int64 rows) {
    {
        const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
        const SpiConnection spi;
        ShareTransitionTables(trigger);
        if (LockMembers(&Done<source>::members, rows) == 0)
            return;
        Done<source>::settle.Run(rows);
    }
    RequireSeen(trigger, rows, {&Done<source>::open});
}

} // namespace

LAUREL_FUNCTION(laurel_take_path) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kTakePath);
    const TupleDesc columns = RelationGetDescr(trigger->tg_relation);
    bool is_null;
    const Datum path = AttributeValue(TriggerRow(trigger), columns, "learning_path_id", UUIDOID, &is_null);
    if (is_null)
        return PointerGetDatum(TriggerRow(trigger));
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    take_path.Run(Access::Write, path);
    return PointerGetDatum(TriggerRow(trigger));
}

LAUREL_FUNCTION(laurel_assign_paths) {
    TriggerData *trigger = CheckTrigger(fcinfo, kAssignPaths);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    Assign(trigger, rows);
    RequireSeen(trigger, rows,
                {&Source<kToEverybody>::owed, &Source<kToMember>::owed, &Source<kToTeam>::owed,
                 &Source<kToEverybody>::overlooked, &Source<kToMember>::overlooked,
                 &Source<kToTeam>::overlooked});
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_assign_joiners) {
    TriggerData *trigger = CheckTrigger(fcinfo, kAssignJoiners);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows > 0)
        GiveToComers<kToJoiners>(trigger, rows, nullptr);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_assign_teammates) {
    TriggerData *trigger = CheckTrigger(fcinfo, kAssignTeammates);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows > 0)
        GiveToComers<kToTeammates>(trigger, rows, &take_up);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_release_teammates) {
    TriggerData *trigger = CheckTrigger(fcinfo, kReleaseTeammates);
    const int64 rows = RowsOf(trigger->tg_oldtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    LockOrganizations(&left_organizations, rows, ShareLock);
    release.Run(rows);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_follow_assignments) {
    TriggerData *trigger = CheckTrigger(fcinfo, kFollowAssignments);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    LockOrganizations(&Source<kToEverybody>::organizations, rows, ExclusiveLock);
    follow.Run(rows);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_withdraw_archived) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kWithdrawArchived);
    const TupleDesc columns = RelationGetDescr(trigger->tg_relation);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    bool is_null;
    const auto value = [&](const char *column) {
        return AttributeValue(TriggerRow(trigger), columns, column, UUIDOID, &is_null);
    };
    withdraw.Run(Access::Write, {value("organization_id"), value("id")});
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_settle_assigned) {
    TriggerData *trigger = CheckTrigger(fcinfo, kSettleAssigned);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
        Settle<kDoneInserted>(trigger, rows);
    else
        Settle<kDoneUpdated>(trigger, rows);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_renew_assigned) {
    TriggerData *trigger = CheckTrigger(fcinfo, kRenewAssigned);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? Done<kDoneInserted>::renew : Done<kDoneUpdated>::renew)
        .Run(rows);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::learning
