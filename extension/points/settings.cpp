#include "points/settings.h"

#include "access/caller.h"
#include "kernel/period.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/relation_changes.h"

namespace laurel::points {

namespace {

Statement read_settings =
    Statement(
        R"(SELECT o.time_zone, o.tier_basis, o.tier_window_days, o.tier_window_months, o.tier_grace_days,
        (SELECT min_points FROM ONLY laurel.tiers t WHERE t.organization_id = o.id AND t.tier = 'silver'),
        (SELECT min_points FROM ONLY laurel.tiers t WHERE t.organization_id = o.id AND t.tier = 'gold'),
        (SELECT min_points FROM ONLY laurel.tiers t WHERE t.organization_id = o.id AND t.tier =
        'platinum'),
        ARRAY(SELECT min_points FROM ONLY laurel.levels l WHERE l.organization_id = o.id ORDER BY level)
        FROM ONLY laurel.organizations o WHERE o.id = $1)",
        UUIDOID)
        .Returns(TEXTOID, TEXTOID, INT4OID, INT4OID, INT4OID, INT8OID, INT8OID, INT8OID, INT8ARRAYOID);

constinit uint64 epoch = 1;
constinit Oid signal_table = InvalidOid;
constinit HTAB *cache = nullptr;
constinit MemoryContext memory = nullptr;

void
NoticeRelation(Oid relation) {
    if (relation == InvalidOid || relation == signal_table)
        epoch++;
}

// Keeps the levels' starts beyond the query that read them.
void
KeepLevels(Settings *settings, Datum array) {
    Datum *starts;
    int count;
    deconstruct_array(DatumGetArrayTypeP(array), INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                      &starts, nullptr, &count);
    auto *kept = static_cast<int64 *>(MemoryContextAlloc(memory, sizeof(int64) * (count + 1)));
    for (int i = 0; i < count; i++)
        kept[i] = DatumGetInt64(starts[i]);
    if (settings->level_starts != nullptr)
        pfree(settings->level_starts);
    settings->level_starts = kept;
    settings->level_count = count;
}

void
ReadBasis(Settings *settings, Row *row) {
    const std::string_view basis = ToText(row->Next());
    bool no_days, no_months;
    const int32 days = DatumGetInt32(row->Next(&no_days)), months = DatumGetInt32(row->Next(&no_months));
    settings->basis = basis == "lifetime" ? TierBasis::Lifetime : TierBasis::Total;
    if (basis == "rolling")
        settings->basis = TierBasis::Rolling;
    settings->window = no_days ? kernel::TierWindow{kernel::TierWindow::Months, months}
                               : kernel::TierWindow{kernel::TierWindow::Days, days};
    settings->grace_days = DatumGetInt32(row->Next());
}

int64
Threshold(Datum value, bool is_null, int64 otherwise) {
    return is_null ? otherwise : DatumGetInt64(value);
}

// Reads the rules of the organization; false where there is none.
bool
Read(Settings *settings) {
    settings->epoch = 0;
    signal_table = TableOid("points_settings_changes", "laurel_internal");
    const uint64 reading = epoch;
    const FreshRead fresh(OwnerOf(TableOid("organizations")));
    if (read_settings.Run(Access::Read, {FromUuid(settings->organization)}) == 0)
        return false;
    Row row;
    bool is_null;
    const kernel::TierThresholds usual;
    settings->zone = ZoneNamed(ToText(row.Next()));
    ReadBasis(settings, &row);
    Datum value = row.Next(&is_null);
    settings->tiers.silver = Threshold(value, is_null, usual.silver);
    value = row.Next(&is_null);
    settings->tiers.gold = Threshold(value, is_null, usual.gold);
    value = row.Next(&is_null);
    settings->tiers.platinum = Threshold(value, is_null, usual.platinum);
    KeepLevels(settings, row.Next());
    settings->day_end = settings->day_begin = 0;
    // Inside a parallel query the snapshot may be older than the last change: good for now, not for the next
    // statement.
    settings->epoch = IsInParallelMode() ? 0 : reading;
    return true;
}

void
CreateCache() {
    HASHCTL control = {};
    control.keysize = sizeof(Uuid);
    control.entrysize = sizeof(Settings);
    control.hcxt = memory;
    cache = hash_create("laurel point settings", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

// The moment a local day begins.
TimestampTz
LocalMidnight(int32 day, pg_tz *zone) {
    return MomentOf({day, 0}, zone);
}

// The rules of an organization to which the caller belongs; error 42501 otherwise.
const Settings &
SettingsForCaller(const Uuid &organization) {
    access::NoticeChanges();
    if (!IsTrusted(TableOid("tiers")) && !access::BelongsTo(access::CurrentCaller(), organization))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to see the tiers and levels of that organization",
                .hint = access::HintOr("Name an organization you are a member of.")});
    return SettingsOf(organization);
}

} // namespace

Settings *
FindSettings(const Uuid &organization) {
    if (cache == nullptr)
        CreateCache();
    auto *settings = static_cast<Settings *>(hash_search(cache, &organization, HASH_FIND, nullptr));
    if (settings != nullptr)
        return settings->epoch == epoch || Read(settings) ? settings : nullptr;
    // Read first: an organization that does not exist leaves nothing behind.
    Settings first = {};
    first.organization = organization;
    if (!Read(&first))
        return nullptr;
    settings = static_cast<Settings *>(hash_search(cache, &organization, HASH_ENTER, nullptr));
    *settings = first;
    return settings;
}

Settings &
SettingsOf(const Uuid &organization) {
    Settings *settings = FindSettings(organization);
    if (settings == nullptr)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = psprintf("organization %s does not exist", UuidText(organization)),
                .table = "organizations"});
    return *settings;
}

int32
Today(Settings &settings, TimestampTz now) {
    if (now >= settings.day_begin && now < settings.day_end)
        return settings.today;
    settings.today = LocalDay(now, settings.zone);
    settings.day_begin = LocalMidnight(settings.today, settings.zone);
    settings.day_end = LocalMidnight(settings.today + 1, settings.zone);
    settings.period_begin = LocalMidnight(
        std::min(kernel::WeekStart(settings.today), kernel::MonthStart(settings.today)), settings.zone);
    settings.window_from = settings.basis == TierBasis::Rolling
                               ? kernel::WindowFrom(settings.window, settings.today)
                               : kernel::kNoPeriod;
    return settings.today;
}

int32
DayOf(const Settings &settings, TimestampTz moment) {
    if (moment >= settings.day_begin)
        return settings.today;
    if (moment < settings.period_begin && settings.basis != TierBasis::Rolling)
        return std::min(kernel::WeekStart(settings.today), kernel::MonthStart(settings.today)) - 1;
    return LocalDay(moment, settings.zone);
}

void
InitSettings() {
    memory = AllocSetContextCreate(TopMemoryContext, "laurel point settings", ALLOCSET_DEFAULT_SIZES);
    WhenRelationChanges(NoticeRelation);
}

// laurel.tier_for(points, organization)
LAUREL_FUNCTION(laurel_tier_for) {
    const Uuid organization = ToUuid(PG_GETARG_DATUM(1));
    const Settings &settings = SettingsForCaller(organization);
    return FromText(kernel::TierName(kernel::TierFor(PG_GETARG_INT64(0), settings.tiers)));
}

// laurel.level_for(points, organization)
LAUREL_FUNCTION(laurel_level_for) {
    PG_RETURN_INT32(LevelOf(SettingsForCaller(ToUuid(PG_GETARG_DATUM(1))), PG_GETARG_INT64(0)));
}

} // namespace laurel::points
