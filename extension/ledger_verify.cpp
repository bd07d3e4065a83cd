// laurel.verify_ledger: everything the ledger promises, recomputed from its rows.

#include "access.h"
#include "kernel/account.h"
#include "point_settings.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "stored_entry.h"

namespace laurel {

namespace {

constexpr long kFetch = 10000;

const Statement every_entry =
    Statement(
        "SELECT " ENTRY_COLUMNS ", p.user_id IS NOT NULL, p.total_points, p.lifetime_points, p.last_entry_no,"
        " p.last_entry_hash, p.tier, p.current_level, p.points_this_week, p.points_this_month, p.week_start,"
        " p.month_start"
        " FROM laurel.points_history l LEFT JOIN laurel.user_points p"
        "  ON p.organization_id = l.organization_id AND p.user_id = l.user_id"
        " WHERE ($1 IS NULL OR l.user_id = $1) AND ($2 IS NULL OR l.organization_id = $2)"
        " ORDER BY l.organization_id, l.user_id, l.entry_no",
        UUIDOID, UUIDOID)
        .Returns(ENTRY_TYPES, BOOLOID, INT8OID, INT8OID, INT8OID, BYTEAOID, TEXTOID, INT4OID, INT8OID,
                 INT8OID, DATEOID, DATEOID);

Statement hollow_accounts =
    Statement("SELECT organization_id, user_id FROM laurel.user_points p"
              " WHERE (p.total_points <> 0 OR p.last_entry_no <> 0 OR p.lifetime_points <> 0)"
              "  AND ($1 IS NULL OR p.user_id = $1) AND ($2 IS NULL OR p.organization_id = $2)"
              "  AND NOT EXISTS (SELECT FROM laurel.points_history l"
              "   WHERE l.organization_id = p.organization_id AND l.user_id = p.user_id)",
              UUIDOID, UUIDOID)
        .Returns(UUIDOID, UUIDOID);

// What user_points says of an account.
struct StoredAccount {
    bool exists;
    int64 total, lifetime, last_entry_no, week, month;
    unsigned char last_hash[32];
    kernel::Tier tier;
    int level;
    bool has_periods;
    int32 week_start, month_start;
};

// The account as it should be after the entries read so far.
struct Checked {
    bool started;
    bool sound;
    Uuid organization;
    Uuid user;
    kernel::Account account;
    unsigned char hash[32];
    StoredAccount stored;
};

class Verifier {
public:
    explicit Verifier(ReturnSetInfo *result) : result_(result) {}

    // `account` is that of the entry.
    void Check(const StoredEntry &entry, const StoredAccount &account);
    void Finish();
    void Report(const Uuid &organization, const Uuid &user, int64 entry_no, const char *problem);

private:
    void Start(const StoredEntry &entry, const StoredAccount &account);
    const char *AccountProblem() const;

    ReturnSetInfo *result_;
    Checked checked_ = {};
};

void
Verifier::Report(const Uuid &organization, const Uuid &user, int64 entry_no, const char *problem) {
    Datum values[] = {FromUuid(organization), FromUuid(user), Int64GetDatum(entry_no),
                      CStringGetTextDatum(problem)};
    bool nulls[] = {false, false, entry_no == 0, false};
    tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls);
}

void
Verifier::Start(const StoredEntry &entry, const StoredAccount &account) {
    Finish();
    checked_ = {};
    checked_.stored = account;
    checked_.started = true;
    checked_.sound = true;
    checked_.organization = entry.organization;
    checked_.user = entry.user;
    checked_.account = kernel::Account();
}

// One entry against the one before it; after the first problem of an account the rest of it says nothing
// more.
void
Verifier::Check(const StoredEntry &entry, const StoredAccount &account) {
    if (!checked_.started || !(checked_.organization == entry.organization) || !(checked_.user == entry.user))
        Start(entry, account);
    if (!checked_.sound)
        return;
    // History outlives its organization; without it there are no accounts, so that weeks and months do not
    // matter.
    PointSettings *settings = FindSettings(entry.organization);
    const int32 today = settings != nullptr ? Today(*settings, GetCurrentTimestamp()) : 0;
    const kernel::EntryContent &content = entry.content;
    const int64 earlier = checked_.account.last_entry_at;
    const kernel::Refusal refusal = kernel::Post(
        checked_.account, {.amount = content.amount,
                           .reversal = entry.reversal,
                           .day = settings != nullptr ? DayOf(*settings, content.occurred_at) : 0,
                           .today = today,
                           .now = content.created_at});
    const bool follows = FollowsHash(entry, checked_.hash);
    const char *problem = nullptr;
    if (content.entry_no != checked_.account.entry_no)
        problem = "entry_no does not follow the entry before it";
    else if (refusal != kernel::Refusal::None || content.balance_after != checked_.account.total)
        problem = "balance_after is not the sum of the entries";
    else if (content.created_at < earlier)
        problem = "created_at lies before the entry before it";
    else if (!follows)
        problem = "entry_hash does not match the entry and the one before it";
    checked_.sound = problem == nullptr;
    if (problem != nullptr)
        Report(entry.organization, entry.user, content.entry_no, problem);
}

// What is wrong with the account's row once all its entries were read; null when nothing is.
const char *
Verifier::AccountProblem() const {
    const kernel::Account &account = checked_.account;
    const StoredAccount &stored = checked_.stored;
    const PointSettings &settings = SettingsOf(checked_.organization);
    if (stored.last_entry_no != account.entry_no ||
        std::memcmp(stored.last_hash, checked_.hash, sizeof(checked_.hash)) != 0)
        return "user_points does not stand at its last entry";
    if (stored.total != account.total)
        return "total_points is not the balance of the last entry";
    if (stored.lifetime != account.lifetime)
        return "lifetime_points is not the sum of what was earned";
    if (stored.tier != TierOf(settings, account.total, account.lifetime))
        return "tier does not follow from the points";
    if (stored.level != LevelOf(settings, account.lifetime))
        return "current_level does not follow from the points";
    if (stored.has_periods && stored.week_start == account.week_start && stored.week != account.week)
        return "points_this_week is not the sum of the week's entries";
    if (stored.has_periods && stored.month_start == account.month_start && stored.month != account.month)
        return "points_this_month is not the sum of the month's entries";
    return nullptr;
}

// Ends an account: its row against all its entries. A deleted member has entries but no row.
void
Verifier::Finish() {
    if (!checked_.started || !checked_.sound || !checked_.stored.exists)
        return;
    const char *problem = AccountProblem();
    if (problem != nullptr)
        Report(checked_.organization, checked_.user, 0, problem);
}

int64
NumberOrZero(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? 0 : DatumGetInt64(value);
}

StoredAccount
ReadAccount(Row *row) {
    StoredAccount account = {};
    account.exists = DatumGetBool(row->Next());
    if (!account.exists)
        return account;
    account.total = NumberOrZero(row);
    account.lifetime = NumberOrZero(row);
    account.last_entry_no = NumberOrZero(row);
    if (const unsigned char *hash = HashOrNull(row))
        std::memcpy(account.last_hash, hash, sizeof(account.last_hash));
    kernel::ParseTier(ToText(row->Next()), &account.tier);
    account.level = DatumGetInt32(row->Next());
    account.week = NumberOrZero(row);
    account.month = NumberOrZero(row);
    bool no_week, no_month;
    const Datum week_start = row->Next(&no_week);
    const Datum month_start = row->Next(&no_month);
    account.has_periods = !no_week && !no_month;
    account.week_start = account.has_periods ? DatumGetDateADT(week_start) : 0;
    account.month_start = account.has_periods ? DatumGetDateADT(month_start) : 0;
    return account;
}

void
VerifyEntries(Verifier *verifier, Datum *values, const char *nulls) {
    const CatalogPath path;
    Cursor cursor(every_entry, Access::Read, values, nulls);
    while (const uint64 count = cursor.Fetch(kFetch)) {
        for (uint64 number = 0; number < count; number++) {
            Row row(number);
            StoredEntry entry = {};
            ReadEntry(&row, &entry);
            verifier->Check(entry, ReadAccount(&row));
        }
        CHECK_FOR_INTERRUPTS();
    }
    verifier->Finish();
}

void
VerifyHollow(Verifier *verifier, const Datum *values, const char *nulls) {
    const uint64 count = hollow_accounts.Run(Access::Read, values, nulls);
    for (uint64 row = 0; row < count; row++)
        verifier->Report(ToUuid(Field(row, 1)), ToUuid(Field(row, 2)), 0,
                         "user_points has points but the ledger has no entry");
}

} // namespace

} // namespace laurel

using namespace laurel;

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
    Datum values[] = {PG_GETARG_DATUM(0), FromUuid(caller.organization)};
    const char nulls[] = {PG_ARGISNULL(0) ? 'n' : ' ', trusted ? 'n' : ' ', '\0'};
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    Verifier verifier(reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo));
    VerifyEntries(&verifier, values, nulls);
    VerifyHollow(&verifier, values, nulls);
    PG_RETURN_NULL();
}
