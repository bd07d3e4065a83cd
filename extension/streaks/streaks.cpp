// Streaks follow daily_activity: a new day at the end is added, any other change counts all days of its
// member anew.

#include "streaks/freezes.h"

#include "guards/derived_write.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/column.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::streaks {

namespace {

constexpr TriggerSpec kFollow = {"follow_streaks", TriggerSpec::After, TriggerSpec::EachStatement,
                                 TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete |
                                     TriggerSpec::Truncate};

// The transition table of an INSERT or a DELETE.
Statement changed_members =
    Statement(R"(SELECT organization_id, user_id, pg_catalog.min(date), pg_catalog.count(*) FROM changed
        GROUP BY 1, 2 ORDER BY 1, 2)")
        .Returns(UUIDOID, UUIDOID, DATEOID, INT8OID);

// Those of an UPDATE: members of whom some day has come or gone.
Statement moved_members =
    Statement(R"(SELECT organization_id, user_id, pg_catalog.min(date), pg_catalog.count(*) FROM (
        (SELECT organization_id, user_id, date FROM changed EXCEPT SELECT organization_id,
        user_id, date FROM old_rows)
        UNION ALL (SELECT organization_id, user_id, date FROM old_rows EXCEPT SELECT
        organization_id, user_id, date FROM changed)) d GROUP BY 1, 2 ORDER BY 1, 2)")
        .Returns(UUIDOID, UUIDOID, DATEOID, INT8OID);

Statement lock_account =
    Statement(R"(SELECT current_streak, longest_streak, last_activity_date FROM ONLY laurel.user_points
        WHERE organization_id = $1 AND user_id = $2 FOR NO KEY UPDATE)",
              UUIDOID, UUIDOID)
        .Returns(INT4OID, INT4OID, DATEOID);

Statement read_account =
    Statement(R"(SELECT current_streak, longest_streak, last_activity_date FROM ONLY laurel.user_points
        WHERE organization_id = $1 AND user_id = $2)",
              UUIDOID, UUIDOID)
        .Returns(INT4OID, INT4OID, DATEOID);

// The days of a member from one on, and whether each continues the one before.
Statement days_from = Statement(Sql<R"(SELECT d.date, {1} FROM ONLY laurel.daily_activity d
        WHERE d.organization_id = $1 AND d.user_id = $2 AND d.date >= $3 WINDOW days AS (ORDER BY d.date)
        ORDER BY d.date)",
                                    kContinues>,
                                UUIDOID, UUIDOID, DATEOID)
                          .Returns(DATEOID, BOOLOID);

constexpr Oid kWrittenTypes[] = {UUIDOID, UUIDOID, INT4OID, INT4OID, DATEOID};
constexpr size_t kWritten = std::size(kWrittenTypes);

// Writes the streaks {1}, and whether they are as they were meant.
constexpr SqlText kWriteStreaks = R"(UPDATE ONLY laurel.user_points p
        SET current_streak = s.current, longest_streak = s.longest,
            last_activity_date = nullif(s.last_day, '-infinity') FROM {1}
        RETURNING p.current_streak = s.current AND p.longest_streak = s.longest AND p.last_activity_date
            IS NOT DISTINCT FROM nullif(s.last_day, '-infinity'))";

Statement write_streak = Statement(Sql<kWriteStreaks, R"((VALUES ($3, $4, $5)) s (current, longest, last_day)
        WHERE p.organization_id = $1 AND p.user_id = $2)">,
                                   kWrittenTypes)
                             .Returns(BOOLOID);

Statement write_streaks =
    Statement(
        Sql<kWriteStreaks, R"(ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),
        pg_catalog.unnest($4), pg_catalog.unnest($5))
        s (organization_id, user_id, current, longest, last_day)
        WHERE p.organization_id = s.organization_id AND p.user_id = s.user_id)">,
        UUIDARRAYOID, UUIDARRAYOID, INT4ARRAYOID, INT4ARRAYOID, DATEARRAYOID)
        .Returns(BOOLOID)
        .Custom();

Statement end_streaks(R"(UPDATE ONLY laurel.user_points SET current_streak = 0, last_activity_date = NULL
        WHERE last_activity_date IS NOT NULL)");

Statement find_streak(R"(SELECT FROM ONLY laurel.user_points
        WHERE current_streak <> 0 OR last_activity_date IS NOT NULL LIMIT 1)");

constexpr int kMostStreakListeners = 2;
constinit StreakListener streak_listeners[kMostStreakListeners] = {};
constinit int streak_listener_count = 0;

// A member whose days a statement has changed.
struct Changed {
    Member member;
    DateADT first_day;
    int64 days;
};

bool
operator==(const kernel::Streak &a, const kernel::Streak &b) {
    return a.current == b.current && a.longest == b.longest && a.started == b.started &&
           (!a.started || a.last_day == b.last_day);
}

// Reads the only row of an account statement.
kernel::Streak
TakeStreak() {
    Row row;
    bool never;
    kernel::Streak streak;
    streak.current = DatumGetInt32(row.Next());
    streak.longest = DatumGetInt32(row.Next());
    const Datum last_day = row.Next(&never);
    streak.started = !never;
    streak.last_day = never ? 0 : DatumGetDateADT(last_day);
    ForgetResult();
    return streak;
}

bool
RunForStreak(Statement &statement, Access access, const Member &member, kernel::Streak *streak) {
    const Datum values[] = {FromUuid(member.organization), FromUuid(member.user)};
    if (statement.Run(access, values) == 0)
        return false;
    *streak = TakeStreak();
    return true;
}

// The streak after the member's days from one on.
kernel::Streak
Count(kernel::Streak streak, const Member &member, DateADT first) {
    const Datum values[] = {FromUuid(member.organization), FromUuid(member.user), DateADTGetDatum(first)};
    const uint64 count = days_from.Run(Access::Write, values);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const DateADT day = DatumGetDateADT(row.Next());
        streak = kernel::AfterActivity(streak, {day, DatumGetBool(row.Next())});
    }
    ForgetResult();
    return streak;
}

// A single new day at the end.
kernel::Streak
Append(const kernel::Streak &before, const Member &member, DateADT day) {
    const int64 leap = day - static_cast<int64>(before.last_day);
    if (leap == 1)
        return kernel::AfterActivity(before, {day});
    return Count(before, member, before.last_day);
}

// The streak after the change: a single new day at the end is added, anything else counts all days anew. The
// longest streak was once reached and stays.
kernel::Streak
StreakAfter(const Changed &changed, const kernel::Streak &before, bool inserted) {
    const bool appended =
        inserted && changed.days == 1 && before.started && changed.first_day > before.last_day;
    kernel::Streak streak = appended ? Append(before, changed.member, changed.first_day)
                                     : Count({}, changed.member, DATEVAL_NOBEGIN);
    streak.longest = std::max(streak.longest, before.longest);
    return streak;
}

// Adds a streak in the order of kWrittenTypes.
void
Add(const Member &member, const kernel::Streak &streak, Columns<kWritten> *written) {
    written->Add({FromUuid(member.organization), FromUuid(member.user), Int32GetDatum(streak.current),
                  Int32GetDatum(streak.longest),
                  DateADTGetDatum(streak.started ? streak.last_day : DATEVAL_NOBEGIN)});
}

// Runs the one statement that writes streaks.
uint64
WriteDerived(Statement &statement, const Parameters &parameters = {}) {
    const guards::DerivedWrite writing({TableOid("user_points")});
    return statement.Run(Access::Write, parameters);
}

[[noreturn]] void
RefuseWritten() {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "a points account does not say what daily_activity says",
            .hint = "A row trigger on laurel.user_points changes streaks or suppresses updates; remove it.",
            .table = "user_points",
            .constraint = "user_points_follow_ledger"});
}

void
EndStreaks() {
    WriteDerived(end_streaks);
    if (RowsMayChange("user_points", TriggerSpec::Update) && find_streak.Run(Access::Write) > 0)
        RefuseWritten();
}

void
WriteStreaks(const Columns<kWritten> &written) {
    if (written.count() == 0)
        return;
    const uint64 rows = written.count() == 1 ? WriteDerived(write_streak, written.First())
                                             : WriteDerived(write_streaks, written.Arrays());
    bool right = rows == static_cast<uint64>(written.count());
    for (uint64 row = 0; right && row < rows; row++)
        right = DatumGetBool(Field(row, 1));
    if (!right)
        RefuseWritten();
}

// Finds what the streak of one account is now; whether it is another.
bool
Follow(const Changed &changed, bool inserted, Columns<kWritten> *written, Moved *moved) {
    kernel::Streak before;
    if (!LockStreak(changed.member, &before))
        return false;
    const kernel::Streak after = StreakAfter(changed, before, inserted);
    if (after == before)
        return false;
    Add(changed.member, after, written);
    *moved = {changed.member, before.current, after.current, after.longest};
    return true;
}

// The members whose days have changed, in the order in which accounts are locked.
Changed *
ChangedMembers(Statement &statement, uint64 *count) {
    *count = statement.Run(Access::Read);
    auto *members = NewList<Changed>(*count);
    for (uint64 i = 0; i < *count; i++) {
        Row row(i);
        members[i].member = {ToUuid(row.Next()), ToUuid(row.Next())};
        members[i].first_day = DatumGetDateADT(row.Next());
        members[i].days = DatumGetInt64(row.Next());
    }
    ForgetResult();
    return members;
}

// Brings every account up to date whose member the statement finds.
void
FollowAll(Statement &statement, bool inserted) {
    uint64 count;
    const Changed *changed = ChangedMembers(statement, &count);
    Columns written(kWrittenTypes, count);
    auto *moved = NewList<Moved>(count);
    int moved_count = 0;
    for (uint64 i = 0; i < count; i++)
        moved_count += Follow(changed[i], inserted, &written, moved + moved_count) ? 1 : 0;
    WriteStreaks(written);
    EarnFreezes(moved, moved_count);
    for (int i = 0; i < streak_listener_count && moved_count > 0; i++)
        streak_listeners[i](moved, moved_count);
}

} // namespace

void
ListenToStreaks(StreakListener listener) {
    Assert(streak_listener_count < kMostStreakListeners);
    streak_listeners[streak_listener_count++] = listener;
}

bool
ReadStreak(Access access, const Member &member, kernel::Streak *streak) {
    return RunForStreak(read_account, access, member, streak);
}

bool
LockStreak(const Member &member, kernel::Streak *streak) {
    return RunForStreak(lock_account, Access::Write, member, streak);
}

// Keeps user_points.current_streak, longest_streak and last_activity_date true to daily_activity.
LAUREL_FUNCTION(laurel_follow_streaks) {
    TriggerData *trigger = CheckTrigger(fcinfo, kFollow);
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event)) {
        EndStreaks();
        return PointerGetDatum(nullptr);
    }
    ShareTransitionTables(trigger);
    FollowAll(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? moved_members : changed_members,
              TRIGGER_FIRED_BY_INSERT(trigger->tg_event));
    return PointerGetDatum(nullptr);
}

} // namespace laurel::streaks
