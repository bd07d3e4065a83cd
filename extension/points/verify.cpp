// laurel.verify_ledger: entries, accounts and days of activity are read side by side, account by account.

#include "points/verify.h"

#include "access/caller.h"
#include "points/ledger_streams.h"
#include "points/stored_entry.h"
#include "points/verifier.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"

namespace laurel::points {

namespace {

// Whether a row `l` is of the member and of the organization that are asked for.
constexpr SqlText kChosen = R"(($1::pg_catalog.uuid IS NULL OR l.user_id = $1)
        AND ($2::pg_catalog.uuid IS NULL OR l.organization_id = $2))";

constinit const Statement every_entry =
    Statement(Sql<R"(SELECT {1}, false FROM ONLY laurel.points_ledger l WHERE {2}
        UNION ALL SELECT {1}, true FROM laurel.points_ledger_archive l WHERE {2} ORDER BY 1, 2, 3)",
                  kEntryColumns, kChosen>,
              UUIDOID, UUIDOID)
        .Returns(kEntryTypes, BOOLOID);

constinit const Statement every_day =
    Statement(Sql<R"(SELECT l.organization_id, l.user_id, l.date FROM ONLY laurel.daily_activity l
        WHERE {1} ORDER BY 1, 2, 3)",
                  kChosen>,
              UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, DATEOID);

// Accounts, those of members who have left, and what is known of archived ones.
constinit const Statement every_account =
    Statement(Sql<R"(SELECT coalesce(p.organization_id, d.organization_id, a.organization_id),
        coalesce(p.user_id, d.user_id, a.user_id), coalesce(a.entries, 0),
        d.user_id IS NOT NULL, d.last_entry_no, d.total_points, d.last_entry_hash,
        p.user_id IS NOT NULL, p.current_streak, p.longest_streak, p.last_activity_date, {1}
        FROM (SELECT * FROM ONLY laurel.user_points l WHERE {2}) p
        FULL JOIN (SELECT * FROM ONLY laurel_internal.departed_accounts l WHERE {2}) d
        ON d.organization_id = p.organization_id AND d.user_id = p.user_id
        FULL JOIN (SELECT * FROM ONLY laurel_internal.archived_accounts l WHERE {2}) a
        ON a.organization_id = coalesce(p.organization_id, d.organization_id)
        AND a.user_id = coalesce(p.user_id, d.user_id)
        ORDER BY 1, 2)",
                  kAccountFields, kChosen>,
              UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, INT8OID, BOOLOID, INT8OID, INT8OID, BYTEAOID, BOOLOID, INT4OID, INT4OID,
                 DATEOID, kAccountTypes);

// What can be said without reading histories: idempotency keys, and members without an account.
Statement find_others =
    Statement(
        Sql<R"(SELECT l.organization_id, l.user_id, l.entry_no, 'idempotency_key of the archive is not kept'
        FROM laurel.points_ledger_archive l LEFT JOIN ONLY laurel_internal.archived_keys k
        ON k.organization_id = l.organization_id AND k.idempotency_key = l.idempotency_key
        WHERE {1} AND l.idempotency_key IS NOT NULL AND (k.user_id IS NULL OR (k.user_id, k.entry_no,
        k.created_at) <> (l.user_id, l.entry_no, l.created_at))
        UNION ALL
        SELECT l.organization_id, l.user_id, l.entry_no, 'a kept idempotency_key has no archived entry'
        FROM ONLY laurel_internal.archived_keys l LEFT JOIN laurel.points_ledger_archive e
        ON e.organization_id = l.organization_id AND e.user_id = l.user_id
        AND e.created_at = l.created_at AND e.entry_no = l.entry_no
        AND e.idempotency_key = l.idempotency_key WHERE {1} AND e.id IS NULL
        UNION ALL
        SELECT l.organization_id, l.user_id, l.entry_no, 'idempotency_key is an archived entry''s too'
        FROM ONLY laurel.points_ledger l JOIN ONLY laurel_internal.archived_keys k
        ON k.organization_id = l.organization_id AND k.idempotency_key = l.idempotency_key
        WHERE {1} UNION ALL
        SELECT l.organization_id, l.user_id, 0, 'a member has no points account'
        FROM ONLY laurel.user_organizations l LEFT JOIN ONLY laurel.user_points p
        ON p.organization_id = l.organization_id AND p.user_id = l.user_id WHERE {1} AND p.user_id IS NULL)",
            kChosen>,
        UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, INT8OID, TEXTOID)
        .Custom();

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

// Whether there was any account.
bool
VerifyAccounts(Verifier *verifier, const Parameters &chosen) {
    AccountStream accounts(every_account, chosen);
    AccountStream entries(every_entry, chosen);
    AccountStream days(every_day, chosen);
    AccountKey key;
    bool any = false;
    while (NextAccount({&accounts, &entries, &days}, &key)) {
        verifier->Start(key, accounts.IsAt(key) ? ReadStored(accounts.Columns()) : StoredAccount{});
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
        any = true;
    }
    return any;
}

struct Soundness {
    const char *problem;
    Uuid user;
};

} // namespace

bool
VerifyLedger(const Uuid *user, const Uuid *organization, void (*tell)(void *, const LedgerProblem &),
             void *listener) {
    const Parameters chosen = {UuidOrNull(user), UuidOrNull(organization)};
    Verifier verifier(tell, listener);
    bool any = VerifyAccounts(&verifier, chosen);
    const uint64 count = find_others.Run(Access::Read, chosen);
    const KeptResult others;
    for (uint64 number = 0; number < count; number++) {
        others.Restore();
        Row row(number);
        LedgerProblem problem = {ToUuid(row.Next()), ToUuid(row.Next()), DatumGetInt64(row.Next()), nullptr};
        problem.problem = CString(ToText(row.Next()));
        tell(listener, problem);
        any = true;
    }
    return any;
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

// laurel.verify_ledger(member)
LAUREL_FUNCTION(laurel_verify_ledger) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Oid table = TableOid("points_ledger");
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const bool trusted = IsTrusted(table);
    if (!trusted && !caller.sees_everyone)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to verify the ledger",
                .hint =
                    access::HintOr("Administrators verify their organization's, service_role everybody's.")});
    const Uuid user = PG_ARGISNULL(0) ? Uuid{} : ToUuid(PG_GETARG_DATUM(0));
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const bool any = VerifyLedger(
        PG_ARGISNULL(0) ? nullptr : &user, trusted ? nullptr : &caller.organization,
        [](void *listener, const LedgerProblem &problem) {
            auto *result = static_cast<ReturnSetInfo *>(listener);
            Datum values[] = {FromUuid(problem.organization), FromUuid(problem.user),
                              Int64GetDatum(problem.entry_no), CStringGetTextDatum(problem.problem)};
            bool nulls[] = {false, false, problem.entry_no == 0, false};
            tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
        },
        fcinfo->resultinfo);
    if (!any && !PG_ARGISNULL(0))
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "there is no such member, and was none",
                .detail = psprintf("No account has user_id %s.", UuidText(user)),
                .hint = "Leave member out to verify all accounts.",
                .table = "points_ledger",
                .constraint = "points_ledger_account_fkey"});
    PG_RETURN_NULL();
}

} // namespace laurel::points
