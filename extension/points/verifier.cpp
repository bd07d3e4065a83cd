#include "points/verifier.h"

#include "kernel/period.h"
#include "points/settings.h"
#include "postgres/local_time.h"

namespace laurel::points {

// Week and month were begun by one day, so that replaying every entry on that day counts them as they stand.
void
Verifier::Start(const AccountKey &key, const StoredAccount &stored) {
    checked_ = {};
    checked_.account = kernel::Account();
    checked_.key = key;
    checked_.stored = stored;
    checked_.sound = true;
    const kernel::Account &account = stored.row.account;
    if (stored.exists && account.week_start != kernel::kNoPeriod)
        checked_.today = std::max(account.week_start, account.month_start);
}

// The settings tell days of the current week and month apart; for those of the past the calendar is asked.
int32
Verifier::DayOfEntry(TimestampTz occurred_at) const {
    Settings *settings = FindSettings(checked_.key.organization);
    if (settings == nullptr || !checked_.stored.exists)
        return 0;
    const int32 today = Today(*settings, GetCurrentTimestamp());
    const bool current = kernel::WeekStart(today) == kernel::WeekStart(checked_.today) &&
                         kernel::MonthStart(today) == kernel::MonthStart(checked_.today);
    return current ? DayOf(*settings, occurred_at) : LocalDay(occurred_at, settings->zone);
}

// One entry against the one before it; after the first problem of an account the rest of it says nothing
// more.
void
Verifier::CheckEntry(Row row) {
    if (!checked_.sound)
        return;
    StoredEntry entry = {};
    ReadEntry(&row, &entry);
    Replay(entry, DatumGetBool(row.Next()));
}

void
Verifier::Replay(const StoredEntry &entry, bool archived) {
    const kernel::EntryContent &content = entry.content;
    const int64 earlier = checked_.account.last_entry_at;
    const kernel::Refusal refusal = kernel::Post(checked_.account, {.amount = content.amount,
                                                                    .reversal = entry.reversal,
                                                                    .day = DayOfEntry(content.occurred_at),
                                                                    .today = checked_.today,
                                                                    .now = content.created_at});
    const bool follows = FollowsHash(entry, checked_.hash);
    checked_.archived += archived;
    checked_.left_archive |= !archived;
    if (content.entry_no != checked_.account.entry_no)
        Report(content.entry_no, "entry_no does not follow the entry before it");
    else if (refusal != kernel::Refusal::None || content.balance_after != checked_.account.total)
        Report(content.entry_no, "balance_after is not the sum of the entries");
    else if (content.created_at < earlier)
        Report(content.entry_no, "created_at lies before the entry before it");
    else if (!follows)
        Report(content.entry_no, "entry_hash does not match the entry and the one before it");
    else if (archived && checked_.left_archive)
        Report(content.entry_no, "an archived entry follows one that is not");
}

// Week and month begin together, not before the last entry was made and not in the future.
const char *
Verifier::PeriodProblem() const {
    const kernel::Account &stored = checked_.stored.row.account;
    Settings &settings = SettingsOf(checked_.key.organization);
    const int32 last = LocalDay(checked_.account.last_entry_at, settings.zone);
    const int32 today = Today(settings, GetCurrentTimestamp());
    if (stored.week_start != kernel::WeekStart(checked_.today) ||
        stored.week_start < kernel::WeekStart(last) || stored.week_start > kernel::WeekStart(today))
        return "week_start is not the week of the account's last change";
    if (stored.month_start != kernel::MonthStart(checked_.today) ||
        stored.month_start < kernel::MonthStart(last) || stored.month_start > kernel::MonthStart(today))
        return "month_start is not the month of the account's last change";
    return nullptr;
}

const char *
Verifier::BalanceProblem() const {
    const kernel::Account &right = checked_.account;
    const kernel::Account &stored = checked_.stored.row.account;
    if (right.entry_no == 0 && !(stored == right))
        return "user_points has points but the ledger has no entry";
    const struct {
        bool is_right;
        const char *problem;
    } columns[] = {
        {stored.entry_no == right.entry_no &&
             std::memcmp(checked_.stored.row.hash, checked_.hash, sizeof(checked_.hash)) == 0,
         "user_points does not stand at its last entry"},
        {stored.last_entry_at == right.last_entry_at, "last_entry_at is not when the last entry was made"},
        {stored.total == right.total, "total_points is not the balance of the last entry"},
        {stored.lifetime == right.lifetime, "lifetime_points is not the sum of what was earned"},
        {stored.reached_at == right.reached_at, "reached_at is not when the total became what it is"},
        {stored.week == right.week, "points_this_week is not the sum of the week's entries"},
        {stored.week_reached_at == right.week_reached_at, "week_reached_at is not the week's last entry"},
        {stored.month == right.month, "points_this_month is not the sum of the month's entries"},
        {stored.month_reached_at == right.month_reached_at, "month_reached_at is not the month's last entry"},
    };
    for (const auto &column : columns)
        if (!column.is_right)
            return column.problem;
    return nullptr;
}

// The longest streak was once reached and stays when days go.
const char *
Verifier::StreakProblem() const {
    const kernel::Streak &right = checked_.streak;
    const kernel::Streak &stored = checked_.stored.streak;
    if (stored.started != right.started || stored.last_day != right.last_day)
        return "last_activity_date is not the last day of activity";
    if (stored.current != right.current)
        return "current_streak does not follow from the days of activity";
    return stored.longest < right.longest ? "longest_streak is shorter than the days of activity" : nullptr;
}

// The history of a member who left ends where the account ended.
const char *
Verifier::DepartedProblem() const {
    const StoredAccount &stored = checked_.stored;
    const kernel::Account &right = checked_.account;
    if (!stored.departed)
        return right.entry_no > 0 ? "there are entries but no account, and none that was closed" : nullptr;
    if (stored.departed_no != right.entry_no || stored.departed_total != right.total ||
        stored.departed_hash == nullptr ||
        std::memcmp(stored.departed_hash, checked_.hash, sizeof(checked_.hash)) != 0)
        return "the history does not end where the account was closed";
    return nullptr;
}

// What is wrong with the account once all its rows were read; null when nothing is.
const char *
Verifier::AccountProblem() const {
    const StoredAccount &stored = checked_.stored;
    if (stored.archived != checked_.archived)
        return "archived_accounts does not count the archived entries";
    if (!stored.exists)
        return DepartedProblem();
    if (stored.departed)
        return "the account is there and closed as well";
    if (FindSettings(checked_.key.organization) == nullptr)
        return "the account's organization is not there";
    const char *problem = checked_.account.entry_no > 0 ? PeriodProblem() : nullptr;
    if (problem == nullptr)
        problem = BalanceProblem();
    if (problem != nullptr)
        return problem;
    const Settings &settings = SettingsOf(checked_.key.organization);
    if (stored.row.tier != TierOf(settings, checked_.account.total, checked_.account.lifetime))
        return "tier does not follow from the points";
    if (stored.row.level != LevelOf(settings, checked_.account.lifetime))
        return "current_level does not follow from the points";
    return StreakProblem();
}

void
Verifier::Finish() {
    const char *problem = checked_.sound ? AccountProblem() : nullptr;
    if (problem != nullptr)
        Report(0, problem);
}

} // namespace laurel::points
