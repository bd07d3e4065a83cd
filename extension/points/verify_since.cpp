#include "points/verify_since.h"

#include "points/checked_accounts.h"
#include "points/stored_account.h"

namespace laurel::points {

namespace {

constexpr SqlText kYoung =
    "FROM ONLY laurel.points_ledger l WHERE l.organization_id = $1 AND l.created_at >= $2";

constinit const Statement young_entries =
    Statement(Sql<"SELECT {1}, false {2}", kEntryColumns, kYoung>, UUIDOID, TIMESTAMPTZOID)
        .Returns(kEntryTypes, BOOLOID);

// Where the accounts stood before: the entry before the first young one, be it archived.
constinit const Statement starts_of_young =
    Statement(Sql<R"(SELECT y.user_id, y.first_no, coalesce(b.balance_after, a.balance_after),
            coalesce(b.created_at, a.created_at), coalesce(b.entry_hash, a.entry_hash)
        FROM (SELECT l.user_id, pg_catalog.min(l.entry_no) AS first_no {1} GROUP BY 1) y
        LEFT JOIN LATERAL (SELECT e.entry_no, e.balance_after, e.created_at, e.entry_hash
            FROM ONLY laurel.points_ledger e WHERE e.user_id = y.user_id AND e.organization_id = $1
            AND e.entry_no = y.first_no - 1 LIMIT 1) b ON true
        LEFT JOIN LATERAL (SELECT e.balance_after, e.created_at, e.entry_hash FROM laurel.points_ledger_archive e
            WHERE y.first_no > 1 AND b.entry_no IS NULL AND e.user_id = y.user_id
            AND e.organization_id = $1 AND e.entry_no = y.first_no - 1 LIMIT 1) a ON true)",
                  kYoung>,
              UUIDOID, TIMESTAMPTZOID)
        .Returns(UUIDOID, INT8OID, INT8OID, TIMESTAMPTZOID, BYTEAOID);

// The accounts of young entries.
constinit const Statement young_accounts = Statement(Sql<R"(SELECT {1} FROM (SELECT DISTINCT l.user_id {2}) y
        LEFT JOIN ONLY laurel.user_points p ON p.user_id = y.user_id AND p.organization_id = $1
        LEFT JOIN ONLY laurel_internal.departed_accounts d
        ON d.user_id = y.user_id AND d.organization_id = $1
        LEFT JOIN ONLY laurel_internal.archived_accounts a
        ON a.user_id = y.user_id AND a.organization_id = $1
        WHERE p.user_id IS NOT NULL OR d.user_id IS NOT NULL)",
                                                         kStoredColumns, kYoung>,
                                                     UUIDOID, TIMESTAMPTZOID)
                                               .Returns(kStoredTypes, kAccountTypes);

constexpr long kStartsAtOnce = 10000;

// Begins an account behind an entry. Where that is missing, the first young one cannot follow it.
void
StartBehind(Checked *checked, Row *row) {
    checked->is_young = true;
    const int64 first_no = DatumGetInt64(row->Next());
    bool none;
    const Datum balance = row->Next(&none);
    if (first_no == 1 || none)
        return;
    checked->account.total = DatumGetInt64(balance);
    checked->account.entry_no = first_no - 1;
    checked->account.last_entry_at = DatumGetTimestampTz(row->Next());
    if (!CopyBytes(row->Next(), checked->hash, sizeof(checked->hash)))
        std::memset(checked->hash, 0, sizeof(checked->hash));
}

void
StartYoung(CheckedAccounts *accounts, const Uuid &organization, const Parameters &young) {
    Cursor starts(starts_of_young, Access::Read, young);
    while (const uint64 count = starts.Fetch(kStartsAtOnce))
        for (uint64 number = 0; number < count; number++) {
            starts.Restore();
            Row row(number);
            const AccountKey key = {organization, ToUuid(row.Next())};
            StartBehind(accounts->Enter(key), &row);
        }
}

void
CompareYoung(CheckedAccounts *accounts, const Parameters &young) {
    Cursor stored(young_accounts, Access::Read, young);
    while (const uint64 count = stored.Fetch(kStartsAtOnce))
        for (uint64 number = 0; number < count; number++) {
            stored.Restore();
            Row row(number);
            AccountKey key;
            key.organization = ToUuid(row.Next());
            key.user = ToUuid(row.Next());
            accounts->Finish(key, ReadStored(Row(number)), {});
        }
    accounts->FinishOthers();
}

} // namespace

void
VerifySince(const seals::Seal &seal, const Verification &verification) {
    const Parameters young = {FromUuid(seal.organization), TimestampTzGetDatum(seal.open_from)};
    Verifier verifier(verification.tell, verification.listener);
    CheckedAccounts accounts(&verifier);
    StartYoung(&accounts, seal.organization, young);
    Cursor entries(young_entries, Access::Read, young);
    accounts.ReadEntries(&entries, MaxAllocHugeSize);
    CompareYoung(&accounts, young);
}

} // namespace laurel::points
