// Points accounts beyond single entries: opened with a membership, resumed from the ledger, re-tiered as a
// whole.

#include "guards/derived_write.h"
#include "kernel/account.h"
#include "kernel/level.h"
#include "kernel/tier.h"
#include "points/archive.h"
#include "points/departed_accounts.h"
#include "points/posting.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel {

namespace {

constexpr int kInsertUpdateDelete = TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete;

constexpr TriggerSpec kOpenAccounts = {"open_accounts", TriggerSpec::After, TriggerSpec::EachStatement,
                                       TriggerSpec::Insert};
constexpr TriggerSpec kResumeAccounts = {"resume_accounts", TriggerSpec::After, TriggerSpec::EachStatement,
                                         TriggerSpec::Insert};
constexpr TriggerSpec kOpenOrganizations = {"open_organizations", TriggerSpec::After,
                                            TriggerSpec::EachStatement, TriggerSpec::Insert};
constexpr TriggerSpec kRetier = {"retier_accounts", TriggerSpec::After, TriggerSpec::EachStatement,
                                 kInsertUpdateDelete};
constexpr TriggerSpec kRetierOrganizations = {"retier_organizations", TriggerSpec::After,
                                              TriggerSpec::EachStatement, TriggerSpec::Update};

constexpr const char *kOpen = "INSERT INTO laurel.user_points (organization_id, user_id)"
                              " SELECT organization_id, user_id FROM new_rows ORDER BY 1, 2";

// Accounts that did not open empty, whatever filled them: the row, a default, another trigger.
constexpr const char *kFindFilled =
    "SELECT n.organization_id, n.user_id FROM new_rows n"
    " WHERE (n.total_points, n.lifetime_points, n.points_this_week, n.points_this_month, n.last_entry_no,"
    "  n.current_streak, n.longest_streak, n.current_level, n.tier) <> (0, 0, 0, 0, 0, 0, 0, 1, 'bronze')"
    "  OR pg_catalog.num_nonnulls(n.last_entry_hash, n.last_activity_date, n.week_start, n.month_start,"
    "  n.reached_at, n.week_reached_at, n.month_reached_at, n.last_entry_at) > 0 LIMIT 1";

#define NEW_WITH_ENTRIES                                                                                     \
    "SELECT n.organization_id, n.user_id FROM new_rows n WHERE EXISTS (SELECT FROM ONLY "                    \
    "laurel.points_ledger l"                                                                                 \
    " WHERE l.organization_id = n.organization_id AND l.user_id = n.user_id)"

constexpr const char *kFindHistory = NEW_WITH_ENTRIES " ORDER BY 1, 2";

constexpr const char *kFindArchivedHistory =
    NEW_WITH_ENTRIES " OR EXISTS (SELECT FROM ONLY laurel_internal.archived_accounts a"
                     " WHERE a.organization_id = n.organization_id AND a.user_id = n.user_id) ORDER BY 1, 2";

constexpr const char *kOpenTiers =
    "INSERT INTO laurel.tiers (organization_id, tier, min_points)"
    " SELECT n.id, d.tier, d.min_points FROM new_rows n CROSS JOIN laurel_internal.default_tiers() d";

constexpr const char *kOpenLevels =
    "INSERT INTO laurel.levels (organization_id, level, min_points)"
    " SELECT n.id, d.level, d.min_points FROM new_rows n CROSS JOIN laurel_internal.default_levels() d";

constexpr const char *kChangedOrganizations = "SELECT DISTINCT organization_id FROM changed ORDER BY 1";

constexpr const char *kRebasedOrganizations = "SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id"
                                              " WHERE n.tier_basis <> o.tier_basis ORDER BY 1";

constexpr const char *kRezonedOrganizations =
    "SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.time_zone <> o.time_zone ORDER BY 1";

// Whoever changes thresholds meets whoever brings an account back, which no other session sees yet.
Statement keep_settings("SELECT FROM ONLY laurel.organizations WHERE id = $1 FOR SHARE", UUIDOID);
Statement change_settings("SELECT FROM ONLY laurel.organizations WHERE id = $1 FOR NO KEY UPDATE", UUIDOID);

Statement lock_accounts =
    Statement(
        "SELECT pg_catalog.count(*) FROM (SELECT FROM ONLY laurel.user_points WHERE organization_id = $1"
        " ORDER BY user_id FOR NO KEY UPDATE) locked",
        UUIDOID)
        .Returns(INT8OID);

#define WANTED                                                                                               \
    "SELECT p.user_id, p.tier AS old_tier, p.current_level AS old_level,"                                    \
    "  laurel.level_for(p.lifetime_points, $1) AS level,"                                                    \
    "  laurel.tier_for(CASE o.tier_basis WHEN 'lifetime' THEN p.lifetime_points ELSE p.total_points END, "   \
    "$1)"                                                                                                    \
    " AS tier FROM ONLY laurel.user_points p JOIN ONLY laurel.organizations o ON o.id = p.organization_id"   \
    " WHERE p.organization_id = $1"

Statement find_untiered =
    Statement("SELECT user_id FROM (" WANTED ") w WHERE old_tier <> tier OR old_level <> level LIMIT 1",
              UUIDOID)
        .Returns(UUIDOID);

Statement retier(
    "WITH wanted AS (" WANTED "), written AS ("
    " UPDATE ONLY laurel.user_points p SET tier = w.tier, current_level = w.level FROM wanted w"
    " WHERE p.organization_id = $1 AND p.user_id = w.user_id"
    "  AND (p.tier <> w.tier OR p.current_level <> w.level)"
    " RETURNING p.user_id"
    ") INSERT INTO laurel.domain_events (organization_id, user_id, type, data)"
    " SELECT $1, user_id, 'tier_changed', pg_catalog.jsonb_build_object('from', w.old_tier, 'to', w.tier)"
    " FROM written JOIN wanted w USING (user_id) WHERE w.old_tier <> w.tier ORDER BY user_id",
    UUIDOID);

// What is wrong with an organization's tiers or levels; null when nothing is, no row when the organization is
// gone.
Statement find_tier_problem =
    Statement(
        "SELECT CASE"
        " WHEN (SELECT pg_catalog.count(*) FROM ONLY laurel.tiers t WHERE t.organization_id = o.id) <> 4"
        "  THEN 'tiers_complete_check'"
        " WHEN EXISTS (SELECT FROM ONLY laurel.tiers a JOIN ONLY laurel.tiers b ON b.organization_id = "
        "a.organization_id"
        "  WHERE a.organization_id = o.id AND a.min_points >= b.min_points"
        "  AND (a.tier, b.tier) IN (('bronze', 'silver'), ('silver', 'gold'), ('gold', 'platinum')))"
        "  THEN 'tiers_ascending_check' END"
        " FROM ONLY laurel.organizations o WHERE o.id = $1",
        UUIDOID)
        .Returns(TEXTOID);

Statement find_level_problem =
    Statement(
        "SELECT CASE"
        " WHEN (SELECT pg_catalog.count(*) <> coalesce(pg_catalog.max(level), 0) OR pg_catalog.count(*) = 0"
        "  FROM ONLY laurel.levels l WHERE l.organization_id = o.id) THEN 'levels_complete_check'"
        " WHEN EXISTS (SELECT FROM ONLY laurel.levels a JOIN ONLY laurel.levels b ON b.organization_id = "
        "a.organization_id"
        "  AND b.level = a.level + 1 WHERE a.organization_id = o.id AND a.min_points >= b.min_points)"
        "  THEN 'levels_ascending_check' END"
        " FROM ONLY laurel.organizations o WHERE o.id = $1",
        UUIDOID)
        .Returns(TEXTOID);

Statement accounts_with_entries =
    Statement("SELECT organization_id, user_id FROM ONLY laurel.user_points WHERE "
              "organization_id = $1 AND last_entry_no > 0"
              " ORDER BY user_id",
              UUIDOID)
        .Returns(UUIDOID, UUIDOID);

#define HISTORY "SELECT entry_no, amount, reverses_id IS NOT NULL, occurred_at, created_at, entry_hash FROM "

Statement entries_of =
    Statement(HISTORY
              "ONLY laurel.points_ledger WHERE organization_id = $1 AND user_id = $2 ORDER BY entry_no",
              UUIDOID, UUIDOID)
        .Returns(INT8OID, INT8OID, BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BYTEAOID);

Statement archived_of =
    Statement(HISTORY "laurel.points_ledger_archive WHERE organization_id = $1 AND user_id = $2"
                      " AND ($3 = 0 OR entry_no < $3) ORDER BY entry_no",
              UUIDOID, UUIDOID, INT8OID)
        .Returns(INT8OID, INT8OID, BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BYTEAOID);

// A list of uuids copied out of a result.
struct UuidList {
    Uuid *items;
    uint64 count;
};

// The uuids of one column of a query on the trigger's transition tables.
template <int Columns>
UuidList
Select(const char *sql) {
    const Statement statement(sql);
    const uint64 count = (Columns == 1 ? statement.Returns(UUIDOID) : statement.Returns(UUIDOID, UUIDOID))
                             .RunOnce(Access::Read);
    UuidList list = {static_cast<Uuid *>(palloc(sizeof(Uuid) * (count * Columns + 1))), count};
    for (uint64 row = 0; row < list.count; row++)
        for (int column = 0; column < Columns; column++)
            list.items[row * Columns + static_cast<uint64>(column)] = ToUuid(Field(row, column + 1));
    return list;
}

[[noreturn]] void
RefuseHistory(const OpenAccount &open) {
    Refuse({.sqlstate = ERRCODE_DATA_CORRUPTED,
            .message = psprintf("the ledger of user %s does not add up", UuidText(open.key.user)),
            .hint = "SELECT * FROM laurel.verify_ledger() says where.",
            .table = "points_ledger"});
}

// Books the entries of the last result into memory.
void
ReplayResult(OpenAccount *open, int32 today) {
    const uint64 entries = RowCount();
    for (uint64 entry = 0; entry < entries; entry++) {
        Row row(entry);
        row.Next();
        kernel::Posting posting = {.amount = DatumGetInt64(row.Next()), .reversal = DatumGetBool(row.Next())};
        posting.day = DayOf(*open->settings, DatumGetTimestampTz(row.Next()));
        posting.today = today;
        posting.now = DatumGetTimestampTz(row.Next());
        if (!CopyBytes(row.Next(), open->hash, sizeof(open->hash)) ||
            kernel::Post(open->account, posting) != kernel::Refusal::None)
            RefuseHistory(*open);
    }
}

// Books an account's whole history anew into memory: first what is archived, then what the ledger holds.
void
Replay(OpenAccount *open) {
    const SpiConnection spi;
    const int32 today = Today(*open->settings, GetCurrentTimestamp());
    open->account = kernel::Account();
    kernel::ResetPeriods(open->account, today);
    Datum values[] = {FromUuid(open->key.organization), FromUuid(open->key.user), 0};
    const bool any = entries_of.Run(Access::Write, values) > 0;
    const int64 first_no = any ? DatumGetInt64(Field(0, 1)) : 0;
    const KeptResult recent;
    if (first_no != 1) {
        values[2] = Int64GetDatum(first_no);
        archived_of.Run(Access::Write, values);
        ReplayResult(open, today);
    }
    recent.Restore();
    ReplayResult(open, today);
    open->tier = TierOf(*open->settings, open->account.total, open->account.lifetime);
}

[[noreturn]] void
RefuseOpened(const char *detail) {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "a points account opens empty",
            .detail = detail,
            .hint = "Insert only organization_id and user_id; then record the opening balance in the ledger. "
                    "Column defaults and row triggers of laurel.user_points must leave balances alone.",
            .table = "user_points",
            .constraint = "user_points_follow_ledger"});
}

void
CheckOpened(const UuidList &filled) {
    if (filled.count > 0)
        RefuseOpened(psprintf("The account of user %s came with points, a tier, a level or a streak.",
                              UuidText(filled.items[1])));
}

// Makes accounts say what their ledger says. `accounts` holds pairs of organization and user, `reopened` says
// that their members are back.
void
Resume(const UuidList &accounts, bool reopened) {
    if (accounts.count == 0)
        return;
    Relation ledger = table_open(TableOid("points_ledger"), AccessShareLock);
    PostingStatement *statement = BeginPosting(ledger);
    for (uint64 i = 0; i < accounts.count; i++) {
        if (i == 0 || !(accounts.items[i * 2] == accounts.items[i * 2 - 2]))
            keep_settings.Run(Access::Write, std::array{FromUuid(accounts.items[i * 2])}.data());
        OpenAccount *open = OpenAccountOf(statement, {accounts.items[i * 2], accounts.items[i * 2 + 1]});
        Replay(open);
        if (reopened && !ReopensWhereItEnded(*open))
            RefuseHistory(*open);
        MarkDirty(statement, open);
    }
    WriteAccounts(statement);
    LeavePosting(statement);
    table_close(ledger, NoLock);
}

// Tells every session, this one included, that tiers, levels or time zones have changed.
void
SignalSettings() {
    CacheInvalidateRelcacheByRelid(TableOid("points_settings_changes", "laurel_internal"));
    CommandCounterIncrement();
}

void
CheckSettings(const Uuid &organization, bool tiers) {
    bool is_null = true;
    Statement &find_problem = tiers ? find_tier_problem : find_level_problem;
    const uint64 found = find_problem.Run(Access::Write, std::array{FromUuid(organization)}.data());
    const Datum problem = found > 0 ? Field(0, 1, &is_null) : 0;
    if (is_null)
        return;
    Refuse({.message = tiers ? "tiers must be four and ascend: bronze from 0, then silver, gold, platinum"
                             : "levels must be numbered from 1 without gaps and ascend",
            .detail = psprintf("Organization %s.", UuidText(organization)),
            .hint = "Change them in one statement.",
            .table = tiers ? "tiers" : "levels",
            .constraint = CString(ToText(problem))});
}

[[noreturn]] void
RefuseAccount(const Uuid &user, const char *detail) {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "a points account does not say what its ledger says",
            .detail = psprintf("Account of user %s. %s", UuidText(user), detail),
            .hint = "A row trigger or a column default on laurel.user_points changes balances; remove it.",
            .table = "user_points",
            .constraint = "user_points_follow_ledger"});
}

// Puts every account of the organization into the tier and level it now belongs to. All accounts are locked
// first, so that entries under way either are seen here or see the change themselves. Thresholds and accounts
// change together or not at all: a statement that changes several organizations' does so for all or for none.
void
Retier(const Uuid &organization) {
    const Datum values[] = {FromUuid(organization)};
    change_settings.Run(Access::Write, values);
    lock_accounts.Run(Access::Write, values);
    {
        const DerivedWrite writing({TableOid("user_points")});
        retier.Run(Access::Write, values);
    }
    if (RowsMayChange("user_points", TriggerSpec::Update) && find_untiered.Run(Access::Write, values) > 0)
        RefuseAccount(ToUuid(Field(0, 1)), "Its tier or level does not follow from its points.");
}

// Counts week and month anew after the organization's calendar has moved.
void
Recount(const Uuid &organization) {
    const Datum values[] = {FromUuid(organization)};
    lock_accounts.Run(Access::Write, values);
    const uint64 count = accounts_with_entries.Run(Access::Write, values);
    UuidList accounts = {static_cast<Uuid *>(palloc(sizeof(Uuid) * (count * 2 + 1))), count};
    for (uint64 row = 0; row < count * 2; row++)
        accounts.items[row] = ToUuid(Field(row / 2, static_cast<int>(row % 2) + 1));
    Resume(accounts, false);
}

} // namespace

} // namespace laurel

using namespace laurel;

LAUREL_FUNCTION(laurel_open_accounts) {
    TriggerData *trigger = CheckTrigger(fcinfo, kOpenAccounts);
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    if (RunScript(kOpen) != static_cast<uint64>(tuplestore_tuple_count(trigger->tg_newtable)))
        RefuseOpened("A membership came without its account.");
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_resume_accounts) {
    TriggerData *trigger = CheckTrigger(fcinfo, kResumeAccounts);
    const AsOwner owner(OwnerOf(TableOid("points_ledger")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    CheckOpened(Select<2>(kFindFilled));
    Resume(Select<2>(HasArchive() ? kFindArchivedHistory : kFindHistory), true);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_open_organizations) {
    TriggerData *trigger = CheckTrigger(fcinfo, kOpenOrganizations);
    const AsOwner owner(OwnerOf(TableOid("tiers")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    RunScript(kOpenTiers);
    RunScript(kOpenLevels);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_retier_accounts) {
    TriggerData *trigger = CheckTrigger(fcinfo, kRetier);
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const UuidList organizations = Select<1>(kChangedOrganizations);
    const bool tiers = strcmp(RelationGetRelationName(trigger->tg_relation), "tiers") == 0;
    SignalSettings();
    for (uint64 i = 0; i < organizations.count; i++) {
        CheckSettings(organizations.items[i], tiers);
        Retier(organizations.items[i]);
    }
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_retier_organizations) {
    TriggerData *trigger = CheckTrigger(fcinfo, kRetierOrganizations);
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const UuidList rebased = Select<1>(kRebasedOrganizations);
    const UuidList rezoned = Select<1>(kRezonedOrganizations);
    if (rebased.count + rezoned.count > 0)
        SignalSettings();
    for (uint64 i = 0; i < rebased.count; i++)
        Retier(rebased.items[i]);
    for (uint64 i = 0; i < rezoned.count; i++)
        Recount(rezoned.items[i]);
    return PointerGetDatum(nullptr);
}

// laurel_internal.default_tiers(): what a new organization starts with.
LAUREL_FUNCTION(laurel_default_tiers) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    constexpr kernel::TierThresholds usual;
    constexpr int64 starts[] = {0, usual.silver, usual.gold, usual.platinum};
    for (int tier = 0; tier < 4; tier++) {
        const Datum values[] = {FromText(kernel::TierName(static_cast<kernel::Tier>(tier))),
                                Int64GetDatum(starts[tier])};
        const bool nulls[] = {false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, const_cast<Datum *>(values),
                             const_cast<bool *>(nulls));
    }
    PG_RETURN_NULL();
}

// laurel_internal.default_levels(): what a new organization starts with.
LAUREL_FUNCTION(laurel_default_levels) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (int level = 1; level <= kernel::kDefaultLevels; level++) {
        const Datum values[] = {Int32GetDatum(level), Int64GetDatum(kernel::DefaultLevelStart(level))};
        const bool nulls[] = {false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, const_cast<Datum *>(values),
                             const_cast<bool *>(nulls));
    }
    PG_RETURN_NULL();
}
