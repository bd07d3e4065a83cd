// laurel.verify_ledger: entries, accounts and days of activity are read side by side, account by account.

#include "points/verify.h"

#include "access/caller.h"
#include "kernel/account.h"
#include "kernel/period.h"
#include "kernel/streak.h"
#include "points/ledger_streams.h"
#include "points/settings.h"
#include "points/stored_entry.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"

namespace laurel {

namespace {

#define CHOSEN                                                                                               \
    " WHERE ($1::pg_catalog.uuid IS NULL OR l.user_id = $1)"                                                 \
    " AND ($2::pg_catalog.uuid IS NULL OR l.organization_id = $2)"

constinit const Statement every_entry =
    Statement("SELECT " ENTRY_COLUMNS ", false FROM ONLY laurel.points_ledger l" CHOSEN
              " UNION ALL SELECT " ENTRY_COLUMNS ", true FROM laurel.points_ledger_archive l" CHOSEN
              " ORDER BY 1, 2, 3",
              UUIDOID, UUIDOID)
        .Returns(ENTRY_TYPES, BOOLOID);

constinit const Statement every_day =
    Statement("SELECT l.organization_id, l.user_id, l.date FROM ONLY laurel.daily_activity l" CHOSEN
              " ORDER BY 1, 2, 3",
              UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, DATEOID);

// Accounts, those of members who have left, and what is known of archived ones.
constinit const Statement every_account =
    Statement(
        "SELECT coalesce(p.organization_id, d.organization_id, a.organization_id),"
        " coalesce(p.user_id, d.user_id, a.user_id), coalesce(a.entries, 0),"
        " d.user_id IS NOT NULL, d.last_entry_no, d.total_points, d.last_entry_hash,"
        " p.user_id IS NOT NULL, p.current_streak, p.longest_streak, p.last_activity_date, " ACCOUNT_COLUMNS
        " FROM (SELECT * FROM ONLY laurel.user_points l" CHOSEN ") p"
        " FULL JOIN (SELECT * FROM ONLY laurel_internal.departed_accounts l" CHOSEN ") d"
        "  ON d.organization_id = p.organization_id AND d.user_id = p.user_id"
        " FULL JOIN (SELECT * FROM ONLY laurel_internal.archived_accounts l" CHOSEN ") a"
        "  ON a.organization_id = coalesce(p.organization_id, d.organization_id)"
        "  AND a.user_id = coalesce(p.user_id, d.user_id)"
        " ORDER BY 1, 2",
        UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, INT8OID, BOOLOID, INT8OID, INT8OID, BYTEAOID, BOOLOID, INT4OID, INT4OID,
                 DATEOID, ACCOUNT_TYPES);

// What can be said without reading histories: idempotency keys, and members without an account.
Statement find_others =
    Statement(
        "SELECT l.organization_id, l.user_id, l.entry_no, 'idempotency_key of the archive is not kept'"
        " FROM laurel.points_ledger_archive l LEFT JOIN ONLY laurel_internal.archived_keys k"
        "  ON k.organization_id = l.organization_id AND k.idempotency_key = l.idempotency_key" CHOSEN
        " AND l.idempotency_key IS NOT NULL AND (k.user_id IS NULL OR (k.user_id, k.entry_no,"
        "  k.created_at) <> (l.user_id, l.entry_no, l.created_at))"
        " UNION ALL"
        " SELECT l.organization_id, l.user_id, l.entry_no, 'a kept idempotency_key has no archived entry'"
        " FROM ONLY laurel_internal.archived_keys l LEFT JOIN laurel.points_ledger_archive e"
        "  ON e.organization_id = l.organization_id AND e.user_id = l.user_id"
        "  AND e.created_at = l.created_at AND e.entry_no = l.entry_no"
        "  AND e.idempotency_key = l.idempotency_key" CHOSEN " AND e.id IS NULL"
        " UNION ALL"
        " SELECT l.organization_id, l.user_id, l.entry_no, 'idempotency_key is an archived entry''s too'"
        " FROM ONLY laurel.points_ledger l JOIN ONLY laurel_internal.archived_keys k"
        "  ON k.organization_id = l.organization_id AND k.idempotency_key = l.idempotency_key" CHOSEN
        " UNION ALL"
        " SELECT l.organization_id, l.user_id, 0, 'a member has no points account'"
        " FROM ONLY laurel.user_organizations l LEFT JOIN ONLY laurel.user_points p"
        "  ON p.organization_id = l.organization_id AND p.user_id = l.user_id" CHOSEN
        " AND p.user_id IS NULL",
        UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, INT8OID, TEXTOID)
        .Custom();

// What the database says of an account beside its entries and days.
struct StoredAccount {
    int64 archived;
    bool departed;
    int64 departed_no, departed_total;
    const unsigned char *departed_hash;
    bool exists;
    kernel::Streak streak;
    OpenAccount row;
};

// The account as it should be after the rows read so far.
struct Checked {
    AccountKey key;
    StoredAccount stored;
    kernel::Account account;
    kernel::Streak streak;
    unsigned char hash[32];
    int64 archived;
    int32 today; // a day of the stored week and month
    bool sound;
    bool left_archive;
};

class Verifier {
public:
    Verifier(void (*tell)(void *, const LedgerProblem &), void *listener)
        : tell_(tell), listener_(listener) {}

    void Start(const AccountKey &key, AccountStream *accounts);
    void CheckEntry(Row row);
    void CheckDay(int32 day) { checked_.streak = kernel::AfterActivity(checked_.streak, day); }
    void Finish();
    void Report(int64 entry_no, const char *problem) {
        checked_.sound = false;
        tell_(listener_, {checked_.key.organization, checked_.key.user, entry_no, problem});
    }

private:
    void Replay(const StoredEntry &entry, bool archived);
    int32 DayOfEntry(TimestampTz occurred_at) const;
    const char *PeriodProblem() const;
    const char *BalanceProblem() const;
    const char *StreakProblem() const;
    const char *DepartedProblem() const;
    const char *AccountProblem() const;

    void (*tell_)(void *, const LedgerProblem &);
    void *listener_;
    Checked checked_;
};

StoredAccount
ReadStored(Row row) {
    StoredAccount stored = {};
    row.Next();
    row.Next();
    stored.archived = DatumGetInt64(row.Next());
    stored.departed = DatumGetBool(row.Next());
    bool is_null;
    stored.departed_no = DatumGetInt64(row.Next(&is_null));
    stored.departed_total = DatumGetInt64(row.Next(&is_null));
    stored.departed_hash = HashOrNull(&row);
    stored.exists = DatumGetBool(row.Next());
    if (!stored.exists)
        return stored;
    stored.streak.current = DatumGetInt32(row.Next());
    stored.streak.longest = DatumGetInt32(row.Next());
    const Datum last_day = row.Next(&is_null);
    stored.streak.started = !is_null;
    stored.streak.last_day = is_null ? 0 : DatumGetDateADT(last_day);
    ReadAccount(&row, &stored.row);
    return stored;
}

// Week and month were begun by one day, so that replaying every entry on that day counts them as they stand.
void
Verifier::Start(const AccountKey &key, AccountStream *accounts) {
    checked_ = {};
    checked_.account = kernel::Account();
    checked_.key = key;
    checked_.sound = true;
    if (accounts->IsAt(key)) {
        checked_.stored = ReadStored(accounts->Columns());
        const kernel::Account &stored = checked_.stored.row.account;
        if (checked_.stored.exists && stored.week_start != kernel::kNoPeriod)
            checked_.today = std::max(stored.week_start, stored.month_start);
    }
}

// The settings tell days of the current week and month apart; for those of the past the calendar is asked.
int32
Verifier::DayOfEntry(TimestampTz occurred_at) const {
    PointSettings *settings = FindSettings(checked_.key.organization);
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
    PointSettings &settings = SettingsOf(checked_.key.organization);
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
    const PointSettings &settings = SettingsOf(checked_.key.organization);
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

// The account that comes next in any of the streams; false when all have ended.
bool
NextAccount(const std::array<AccountStream *, 3> &streams, AccountKey *key) {
    const AccountStream *first = nullptr;
    for (const AccountStream *stream : streams)
        if (!stream->Ended() && (first == nullptr || stream->Key() < first->Key()))
            first = stream;
    if (first != nullptr)
        *key = first->Key();
    return first != nullptr;
}

void
VerifyAccounts(Verifier *verifier, Datum *values, const char *nulls) {
    AccountStream accounts(every_account, values, nulls);
    AccountStream entries(every_entry, values, nulls);
    AccountStream days(every_day, values, nulls);
    AccountKey key;
    while (NextAccount({&accounts, &entries, &days}, &key)) {
        verifier->Start(key, &accounts);
        for (; entries.IsAt(key); entries.Advance())
            verifier->CheckEntry(entries.Columns());
        for (; days.IsAt(key); days.Advance()) {
            Row row = days.Columns();
            row.Next();
            row.Next();
            verifier->CheckDay(DatumGetDateADT(row.Next()));
        }
        verifier->Finish();
        if (accounts.IsAt(key))
            accounts.Advance();
    }
}

struct Soundness {
    const char *problem;
    Uuid user;
};

} // namespace

void
VerifyLedger(const Uuid *user, const Uuid *organization, void (*tell)(void *, const LedgerProblem &),
             void *listener) {
    Datum values[] = {user ? FromUuid(*user) : 0, organization ? FromUuid(*organization) : 0};
    const char nulls[] = {user ? ' ' : 'n', organization ? ' ' : 'n', '\0'};
    Verifier verifier(tell, listener);
    VerifyAccounts(&verifier, values, nulls);
    const uint64 count = find_others.Run(Access::Read, values, nulls);
    const KeptResult others;
    for (uint64 number = 0; number < count; number++) {
        others.Restore();
        Row row(number);
        LedgerProblem problem = {ToUuid(row.Next()), ToUuid(row.Next()), DatumGetInt64(row.Next()), nullptr};
        problem.problem = CString(ToText(row.Next()));
        tell(listener, problem);
    }
}

void
RequireSound(const Uuid &organization, const Uuid *user, const char *cause) {
    Soundness found = {};
    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    UpdateActiveSnapshotCommandId();
    VerifyLedger(
        user, &organization,
        [](void *listener, const LedgerProblem &problem) {
            auto *first = static_cast<Soundness *>(listener);
            if (first->problem == nullptr)
                *first = {problem.problem, problem.user};
        },
        &found);
    PopActiveSnapshot();
    if (found.problem == nullptr)
        return;
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "an account's history would not be sound any more",
            .detail = psprintf("Account of user %s: %s.", UuidText(found.user), found.problem),
            .hint = cause,
            .table = "points_ledger",
            .constraint = "points_ledger_append_only"});
}

} // namespace laurel

using namespace laurel;

// laurel.verify_ledger(member)
LAUREL_FUNCTION(laurel_verify_ledger) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Oid table = TableOid("points_ledger");
    NoticeChanges();
    const Caller caller = CurrentCaller();
    const bool trusted = IsTrusted(table);
    if (!trusted && !caller.sees_everyone)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to verify the ledger",
                .hint = "Administrators verify their organization's, service_role everybody's."});
    const Uuid user = PG_ARGISNULL(0) ? Uuid{} : ToUuid(PG_GETARG_DATUM(0));
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    VerifyLedger(
        PG_ARGISNULL(0) ? nullptr : &user, trusted ? nullptr : &caller.organization,
        [](void *listener, const LedgerProblem &problem) {
            auto *result = static_cast<ReturnSetInfo *>(listener);
            Datum values[] = {FromUuid(problem.organization), FromUuid(problem.user),
                              Int64GetDatum(problem.entry_no), CStringGetTextDatum(problem.problem)};
            bool nulls[] = {false, false, problem.entry_no == 0, false};
            tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
        },
        fcinfo->resultinfo);
    PG_RETURN_NULL();
}
