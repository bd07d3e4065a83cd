// One setting: the organization's value, else the platform's, as the caller may see it.

#include "settings/settings.h"

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/fresh.h"
#include "postgres/json_text.h"
#include "postgres/relation_changes.h"
#include "postgres/session_cache.h"

extern "C" {
#include "utils/json.h"
}

namespace laurel::settings {

namespace {

Statement read_setting =
    Statement(R"(SELECT value, type, is_public, organization_id IS NOT NULL FROM ONLY laurel.settings
        WHERE key = $2 AND (organization_id = $1 OR organization_id IS NULL) ORDER BY organization_id NULLS LAST LIMIT 1)",
              UUIDOID, TEXTOID)
        .Returns(TEXTOID, TEXTOID, BOOLOID, BOOLOID);

constexpr size_t kLongestKey = 100;
// Which setting: of an organization, or where that is all zeros of the platform alone.
struct Name {
    Uuid organization;
    char key[kLongestKey];
};

// What it says, as it was read in that epoch; no value where there is none.
struct Setting {
    Name name;
    uint64 epoch;
    char *value;
    bool is_json; // written as JSON: a number, true or false, or a document
    bool is_public;
    bool is_own; // the organization's
};

constinit uint64 epoch = 1;
constinit Oid signal_table = InvalidOid;
constinit HTAB *cache = nullptr;
constinit MemoryContext memory = nullptr;

void
NoticeRelation(Oid relation) {
    if (relation == InvalidOid || relation == signal_table)
        epoch++;
}

void
Read(Setting *setting) {
    signal_table = TableOid("settings_changes", "laurel_internal");
    const uint64 reading = epoch;
    setting->epoch = 0;
    if (setting->value != nullptr)
        pfree(setting->value);
    setting->value = nullptr;
    const FreshRead fresh(OwnerOf(TableOid("settings")));
    const Uuid none = {};
    const bool of_platform = setting->name.organization == none;
    const std::string_view key(setting->name.key, strnlen(setting->name.key, kLongestKey));
    if (read_setting.Run(Access::Read,
                         {Nullable(FromUuid(setting->name.organization), of_platform), FromText(key)}) > 0) {
        Row row;
        const std::string_view value = ToText(row.Next()), type = ToText(row.Next());
        setting->is_json = type != "string" && type != "duration";
        setting->is_public = DatumGetBool(row.Next());
        setting->is_own = DatumGetBool(row.Next());
        setting->value = MemoryContextStrdup(memory, CString(value));
    }
    // In a parallel query the snapshot may be old: good for this once only.
    setting->epoch = IsInParallelMode() && !IsParallelWorker() ? 0 : reading;
}

const Setting &
SettingNamed(const Name &name) {
    HTAB *remembered = SessionCache(&cache, "laurel settings", sizeof(Name), sizeof(Setting), memory);
    bool found;
    auto *setting = static_cast<Setting *>(hash_search(remembered, &name, HASH_ENTER, &found));
    if (!found) {
        setting->epoch = 0;
        setting->value = nullptr;
    }
    if (setting->epoch != epoch)
        Read(setting);
    return *setting;
}

// What is not public is for those who administer what it belongs to.
bool
MayRead(const Setting &setting, const Uuid &organization) {
    if (setting.is_public || IsTrusted(TableOid("settings")))
        return true;
    const access::Caller &caller = access::CurrentCaller();
    if (!setting.is_own)
        return caller.platform_admin;
    return caller.known && access::Administers(caller, organization);
}

// The setting that the arguments name, where there is one that the caller may read; else null.
const Setting *
Find(FunctionCallInfo fcinfo) {
    if (PG_ARGISNULL(0))
        return nullptr;
    const std::string_view key = ToText(PG_GETARG_DATUM(0));
    if (key.empty() || key.size() > kLongestKey)
        return nullptr;
    access::NoticeChanges();
    Name name = {};
    if (!PG_ARGISNULL(1))
        name.organization = ToUuid(PG_GETARG_DATUM(1));
    std::copy_n(key.data(), key.size(), name.key);
    const Setting &setting = SettingNamed(name);
    return setting.value != nullptr && MayRead(setting, name.organization) ? &setting : nullptr;
}

} // namespace

void
InitSettings() {
    memory = AllocSetContextCreate(TopMemoryContext, "laurel settings", ALLOCSET_SMALL_SIZES);
    WhenRelationChanges(NoticeRelation);
}

// laurel_internal.is_json(value): within the bounds that columns of JSON have.
LAUREL_FUNCTION(laurel_is_json) {
    const std::string_view text = ToText(PG_GETARG_DATUM(0));
    if (!IsJson(text))
        PG_RETURN_BOOL(false);
    const Datum wrapped = JsonOf(psprintf("[%s]", CString(text)));
    PG_RETURN_BOOL(BeyondBounds(wrapped, {.takes_arrays = true}) == nullptr);
}

// laurel.setting(key, organization)
LAUREL_FUNCTION(laurel_setting) {
    const Setting *setting = Find(fcinfo);
    if (setting == nullptr)
        PG_RETURN_NULL();
    return CStringGetTextDatum(setting->value);
}

// laurel.setting_json(key, organization)
LAUREL_FUNCTION(laurel_setting_json) {
    const Setting *setting = Find(fcinfo);
    if (setting == nullptr)
        PG_RETURN_NULL();
    if (setting->is_json)
        return JsonOf(setting->value);
    StringInfoData text;
    initStringInfo(&text);
    escape_json(&text, setting->value);
    return JsonOf({text.data, static_cast<size_t>(text.len)});
}

} // namespace laurel::settings
