#include "points/verifier.h"

#include "kernel/period.h"
#include "points/settings.h"
#include "postgres/local_time.h"

namespace laurel::points {

namespace {

// An organization's settings as they were found first.
struct Found {
    Uuid organization;
    bool exists;
    Settings settings;
};

// The settings tell days of the current week and month apart; for those of the past the calendar is asked.
int32
DayOfEntry(const Checked &checked, TimestampTz occurred_at) {
    Settings *settings = checked.settings;
    if (settings == nullptr || !checked.exists)
        return 0;
    const int32 today = Today(*settings, GetCurrentTimestamp());
    const bool current = kernel::WeekStart(today) == kernel::WeekStart(checked.today) &&
                         kernel::MonthStart(today) == kernel::MonthStart(checked.today);
    return current ? DayOf(*settings, occurred_at) : LocalDay(occurred_at, settings->zone);
}

// Week and month begin together, not before the last entry was made and not in the future.
const char *
PeriodProblem(const Checked &checked, const StoredAccount &account) {
    const kernel::Account &stored = account.row.account;
    Settings &settings = *checked.settings;
    const int32 last = LocalDay(checked.account.last_entry_at, settings.zone);
    const int32 today = Today(settings, GetCurrentTimestamp());
    if (stored.week_start != kernel::WeekStart(checked.today) ||
        stored.week_start < kernel::WeekStart(last) || stored.week_start > kernel::WeekStart(today))
        return "week_start is not the week of the account's last change";
    if (stored.month_start != kernel::MonthStart(checked.today) ||
        stored.month_start < kernel::MonthStart(last) || stored.month_start > kernel::MonthStart(today))
        return "month_start is not the month of the account's last change";
    return nullptr;
}

const char *
BalanceProblem(const Checked &checked, const StoredAccount &account) {
    const kernel::Account &right = checked.account;
    const kernel::Account &stored = account.row.account;
    if (right.entry_no == 0 && !(stored == right))
        return "user_points has points but the ledger has no entry";
    const struct {
        bool is_right;
        const char *problem;
    } columns[] = {
        {stored.entry_no == right.entry_no &&
             std::memcmp(account.row.hash, checked.hash, sizeof(checked.hash)) == 0,
         "user_points does not stand at its last entry"},
        {stored.last_entry_at == right.last_entry_at, "last_entry_at is not when the last entry was made"},
        {stored.total == right.total, "total_points is not the balance of the last entry"},
        {stored.lifetime == right.lifetime, "lifetime_points is not the sum of what was earned"},
        {stored.reached_at == right.reached_at, "reached_at is not when the total became what it is"},
        {stored.week == right.week, "points_this_week is not the sum of the week's entries"},
        {stored.week_reached_at == right.week_reached_at, "week_reached_at is not the week's last entry"},
        {stored.month == right.month, "points_this_month is not the sum of the month's entries"},
        {stored.month_reached_at == right.month_reached_at, "month_reached_at is not the month's last entry"},
        {stored.rolling == right.rolling,
         "rolling_points is not the sum of what was earned since rolling_from"},
    };
    for (const auto &column : columns)
        if (!column.is_right)
            return column.problem;
    return nullptr;
}

// The longest streak was once reached and stays when days go.
const char *
StreakProblem(const kernel::Streak &right, const kernel::Streak &stored) {
    if (stored.started != right.started || stored.last_day != right.last_day)
        return "last_activity_date is not the last day of activity";
    if (stored.current != right.current)
        return "current_streak does not follow from the days of activity";
    return stored.longest < right.longest ? "longest_streak is shorter than the days of activity" : nullptr;
}

// The history of a member who left ends where the account ended.
const char *
DepartedProblem(const Checked &checked, const StoredAccount &stored) {
    const kernel::Account &right = checked.account;
    if (!stored.departed)
        return right.entry_no > 0 ? "there are entries but no account, and none that was closed" : nullptr;
    if (stored.departed_no != right.entry_no || stored.departed_total != right.total ||
        stored.departed_hash == nullptr ||
        std::memcmp(stored.departed_hash, checked.hash, sizeof(checked.hash)) != 0)
        return "the history does not end where the account was closed";
    return nullptr;
}

// A window is there where the rules say so, once there is an entry. The last one has moved it, as a rule on
// its day, by one statement at midnight on the day before; it may wait for the job.
bool
HasItsWindow(Settings &settings, const kernel::Account &account) {
    const bool wants = settings.basis == TierBasis::Rolling && account.entry_no > 0;
    if (!wants)
        return account.rolling_from == kernel::kNoPeriod;
    Today(settings, GetCurrentTimestamp());
    const int32 last = LocalDay(account.last_entry_at, settings.zone);
    return account.rolling_from >= kernel::WindowFrom(settings.window, last - 1) &&
           account.rolling_from <= settings.window_from;
}

// A tier is earned, or kept for a while where there is such a while.
bool
HoldsItsTier(const Settings &settings, const OpenAccount &row, kernel::Tier earned) {
    if (row.held_tier.kept_until == kernel::HeldTier::kEarned)
        return row.held_tier.tier == earned;
    return row.held_tier.tier > earned && settings.grace_days > 0;
}

const char *
TierProblem(Settings &settings, const OpenAccount &row) {
    if (!HasItsWindow(settings, row.account))
        return "rolling_from is not the first day of a window";
    if (!HoldsItsTier(settings, row, TierOf(settings, row.account)))
        return "tier does not follow from the points";
    if (row.level != LevelOf(settings, row.account.lifetime))
        return "current_level does not follow from the points";
    return nullptr;
}

// What is wrong with where an account stands, of which only the last entries were read.
const char *
YoungProblem(const Checked &checked, const StoredAccount &stored) {
    const kernel::Account &right = checked.account;
    if (!stored.exists)
        return DepartedProblem(checked, stored);
    if (checked.settings == nullptr)
        return "the account's organization is not there";
    if (stored.row.account.entry_no != right.entry_no ||
        std::memcmp(stored.row.hash, checked.hash, sizeof(checked.hash)) != 0)
        return "user_points does not stand at its last entry";
    if (stored.row.account.last_entry_at != right.last_entry_at)
        return "last_entry_at is not when the last entry was made";
    if (stored.row.account.total != right.total)
        return "total_points is not the balance of the last entry";
    return TierProblem(*checked.settings, stored.row);
}

// What is wrong with the account once all its rows were read; null when nothing is.
const char *
AccountProblem(const Checked &checked, const StoredAccount &stored, const kernel::Streak &streak) {
    if (stored.archived != checked.archived)
        return "archived_accounts does not count the archived entries";
    if (!stored.exists)
        return DepartedProblem(checked, stored);
    if (stored.departed)
        return "the account is there and closed as well";
    if (checked.settings == nullptr)
        return "the account's organization is not there";
    const char *problem = checked.account.entry_no > 0 ? PeriodProblem(checked, stored) : nullptr;
    if (problem == nullptr)
        problem = BalanceProblem(checked, stored);
    if (problem != nullptr)
        return problem;
    problem = TierProblem(*checked.settings, stored.row);
    if (problem != nullptr)
        return problem;
    if (stored.row.held != stored.kept)
        return "points_held is not what holds keep";
    return StreakProblem(streak, stored.streak);
}

} // namespace

Settings *
Verifier::SettingsOfOrganization(const Uuid &organization) {
    if (organizations_ == nullptr) {
        HASHCTL control = {};
        control.keysize = sizeof(Uuid);
        control.entrysize = sizeof(Found);
        control.hcxt = memory_;
        organizations_ =
            hash_create("verified organizations", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }
    bool known;
    auto *found = static_cast<Found *>(hash_search(organizations_, &organization, HASH_ENTER, &known));
    if (!known) {
        const Settings *settings = FindSettings(organization);
        found->exists = settings != nullptr;
        if (found->exists)
            found->settings = *settings;
    }
    return found->exists ? &found->settings : nullptr;
}

namespace {

// Compares the account's last entry with what seals hold of it.
void
CheckSealed(Checked *checked) {
    for (; checked->sealed < checked->sealed_end && checked->sealed->entry_no <= checked->account.entry_no;
         checked->sealed++)
        if (std::memcmp(checked->sealed->hash, checked->hash, sizeof(checked->hash)) != 0)
            checked->problem = "a sealed entry is not as it was sealed";
}

} // namespace

void
Verifier::Start(Checked *checked, const AccountKey &key) {
    *checked = {};
    checked->account = kernel::Account();
    checked->key = key;
    checked->settings = SettingsOfOrganization(key.organization);
}

// Week and month were begun by one day, so that replaying every entry on that day counts them as they stand.
void
Verifier::StartStored(Checked *checked, const AccountKey &key, int32 week_start, int32 month_start,
                      int32 rolling_from) {
    Start(checked, key);
    checked->exists = true;
    checked->account.rolling_from = rolling_from;
    if (week_start != kernel::kNoPeriod)
        checked->today = std::max(week_start, month_start);
}

// One entry against the one before it; after the first problem of an account the rest of it says nothing
// more.
void
Verifier::CheckEntry(Checked *checked, WideRow *row) {
    if (checked->problem != nullptr)
        return;
    StoredEntry entry = {};
    ReadEntry(row, &entry);
    Replay(checked, entry, DatumGetBool(row->Next()));
}

void
Verifier::Replay(Checked *checked, const StoredEntry &entry, bool archived) const {
    const kernel::EntryContent &content = entry.content;
    const int64 earlier = checked->account.last_entry_at;
    const kernel::Refusal refusal =
        kernel::Post(checked->account, {.amount = content.amount,
                                        .reversal = entry.reversal,
                                        .day = DayOfEntry(*checked, content.occurred_at),
                                        .today = checked->today,
                                        .now = content.created_at});
    const bool follows = FollowsHash(entry, checked->hash);
    checked->archived += archived;
    checked->left_archive |= !archived;
    checked->problem_no = content.entry_no;
    if (content.entry_no != checked->account.entry_no)
        checked->problem = "entry_no does not follow the entry before it";
    else if (refusal != kernel::Refusal::None || content.balance_after != checked->account.total)
        checked->problem = "balance_after is not the sum of the entries";
    else if (content.created_at < earlier)
        checked->problem = "created_at lies before the entry before it";
    else if (!follows)
        checked->problem = "entry_hash does not match the entry and the one before it";
    else if (archived && checked->left_archive)
        checked->problem = "an archived entry follows one that is not";
    else
        CheckSealed(checked);
}

void
Verifier::Finish(Checked *checked, const StoredAccount &stored, const kernel::Streak &streak) {
    checked->finished = true;
    if (checked->problem == nullptr && checked->sealed < checked->sealed_end) {
        checked->problem_no = checked->sealed->entry_no;
        checked->problem = "a sealed entry is not there";
    }
    if (checked->problem == nullptr) {
        checked->problem_no = 0;
        checked->problem =
            checked->is_young ? YoungProblem(*checked, stored) : AccountProblem(*checked, stored, streak);
    }
    if (checked->problem != nullptr)
        tell_(listener_,
              {checked->key.organization, checked->key.user, checked->problem_no, checked->problem});
}

} // namespace laurel::points
