// A slice's entries are read in the order in which they lie on disk, which is nearly that in which they were
// made: an account is checked as its entries come, and what comes too early is parked. So nothing is sorted
// through temporary files, and the ledger is read once for a slice. Where too much would be parked, because
// the space of old entries was used again, the slice is read anew by the time of its entries.

#include "points/verify_slice.h"

#include "points/checked_accounts.h"
#include "points/ledger_streams.h"
#include "points/stored_account.h"
#include "streaks/streaks.h"

namespace laurel::points {

namespace {

constexpr SqlText kSliceEntries = Sql<R"(SELECT {1}, true FROM laurel.points_ledger_archive l WHERE {2}
        UNION ALL SELECT {1}, false FROM ONLY laurel.points_ledger l WHERE {2})",
                                      kEntryColumns, kOfSlice>;

constinit const Statement entries_as_they_lie =
    Statement(kSliceEntries, UUIDOID, UUIDOID, UUIDOID).Returns(kEntryTypes, BOOLOID);

// By organization and created_at, for which there are indexes.
constinit const Statement entries_by_time =
    Statement(Sql<"{1} ORDER BY 1, 7", kSliceEntries>, UUIDOID, UUIDOID, UUIDOID)
        .Returns(kEntryTypes, BOOLOID);

constinit const Statement every_start =
    Statement(Sql<R"(SELECT l.organization_id, l.user_id, l.week_start, l.month_start, l.rolling_from
        FROM ONLY laurel.user_points l WHERE {1})",
                  kOfSlice>,
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, DATEOID, DATEOID, DATEOID);

constinit const Statement every_day =
    Statement(Sql<R"(SELECT d.organization_id, d.user_id, d.date, {2} FROM (SELECT *
        FROM ONLY laurel.daily_activity l WHERE {1}) d
        WINDOW days AS (PARTITION BY d.organization_id, d.user_id ORDER BY d.date) ORDER BY 1, 2, 3)",
                  kOfSlice, streaks::kContinues>,
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, DATEOID, BOOLOID);

// Accounts, those of members who have left, and what is known of archived ones.
constinit const Statement every_account =
    Statement(Sql<R"(SELECT {1} FROM (SELECT * FROM ONLY laurel.user_points l WHERE {2}) p
        FULL JOIN (SELECT * FROM ONLY laurel_internal.departed_accounts l WHERE {2}) d
        ON d.organization_id = p.organization_id AND d.user_id = p.user_id
        FULL JOIN (SELECT * FROM ONLY laurel_internal.archived_accounts l WHERE {2}) a
        ON a.organization_id = coalesce(p.organization_id, d.organization_id)
        AND a.user_id = coalesce(p.user_id, d.user_id)
        ORDER BY 1, 2)",
                  kStoredColumns, kOfSlice>,
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(kStoredTypes, kAccountTypes);

constexpr long kAccountsAtOnce = 10000;

int32
DateOrNone(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? kernel::kNoPeriod : DatumGetDateADT(value);
}

void
StartAccounts(Verifier *verifier, CheckedAccounts *accounts, const Parameters &slice) {
    Cursor starts(every_start, Access::Read, slice);
    while (const uint64 count = starts.Fetch(kAccountsAtOnce))
        for (uint64 number = 0; number < count; number++) {
            starts.Restore();
            Row row(number);
            AccountKey key;
            key.organization = ToUuid(row.Next());
            key.user = ToUuid(row.Next());
            const int32 week_start = DateOrNone(&row);
            const int32 month_start = DateOrNone(&row);
            verifier->StartStored(accounts->Enter(key), key, week_start, month_start, DateOrNone(&row));
        }
}

// The streak that follows from the account's days of activity.
kernel::Streak
StreakOf(AccountStream *days, const AccountKey &key) {
    kernel::Streak streak;
    while (!days->Ended() && days->Key() < key)
        days->Advance();
    for (; days->IsAt(key); days->Advance()) {
        Row row = days->Columns();
        row.Next();
        row.Next();
        const DateADT day = DatumGetDateADT(row.Next());
        streak = kernel::AfterActivity(streak, {day, DatumGetBool(row.Next())});
    }
    return streak;
}

// Compares what was read with what the accounts say.
void
Compare(CheckedAccounts *accounts, const Parameters &slice) {
    AccountStream stored(every_account, slice);
    AccountStream days(every_day, slice);
    for (; !stored.Ended(); stored.Advance()) {
        const AccountKey key = stored.Key();
        const kernel::Streak streak = StreakOf(&days, key);
        accounts->Finish(key, ReadStored(stored.Columns()), streak);
    }
    accounts->FinishOthers();
}

} // namespace

bool
VerifySlice(Verifier *verifier, const Slice &slice, const Uuid *organization, bool sealed) {
    const Parameters arguments = {FromUuid(slice.first), FromUuid(slice.last), UuidOrNull(organization)};
    seals::SealedEntries under_seals = {};
    if (sealed)
        under_seals = seals::EntriesUnderSeals(slice.first, slice.last, organization);
    CheckedAccounts accounts(verifier);
    StartAccounts(verifier, &accounts, arguments);
    accounts.TakeSealed(under_seals);
    Cursor as_they_lie(entries_as_they_lie, Access::Read, arguments);
    if (accounts.ReadEntries(&as_they_lie, static_cast<Size>(maintenance_work_mem) * 1024)) {
        Compare(&accounts, arguments);
        return accounts.Any();
    }
    CheckedAccounts anew(verifier);
    StartAccounts(verifier, &anew, arguments);
    anew.TakeSealed(under_seals);
    Cursor by_time(entries_by_time, Access::Read, arguments);
    anew.ReadEntries(&by_time, MaxAllocHugeSize);
    Compare(&anew, arguments);
    return anew.Any();
}

} // namespace laurel::points
