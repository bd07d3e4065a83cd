#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/fresh.h"
#include "postgres/halving.h"
#include "postgres/list.h"
#include "postgres/relation_changes.h"
#include "rules/rule.h"

namespace laurel::rules {

namespace {

constexpr long kMostOrganizations = 2000;

constexpr SqlText kRuleFields =
    R"(r.organization_id, r.id, v.version, v.name, v.event_type, v.condition, v.actions,
        v.runs = 'after_commit', coalesce(v.user_cap, 0), v.user_cap_period, coalesce(v.organization_cap, 0),
        v.organization_cap_period, coalesce(extract(epoch FROM v.cooldown) * 1000000, 0)::pg_catalog.int8,
        coalesce(v.active_from, '-infinity'), coalesce(v.active_until, 'infinity')
        FROM ONLY laurel.gamification_rules r JOIN ONLY laurel.rule_versions v
            ON v.organization_id = r.organization_id AND v.rule_id = r.id AND v.version = r.version)";
constexpr Oid kRuleTypes[] = {UUIDOID, UUIDOID,  INT4OID, TEXTOID,        TEXTOID,
                              TEXTOID, JSONBOID, BOOLOID, INT8OID,        TEXTOID,
                              INT8OID, TEXTOID,  INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID};

Statement read_rules = Statement(Sql<R"(SELECT {1} WHERE r.organization_id = ANY ($1) AND r.status = 'active'
        ORDER BY r.organization_id, v.event_type COLLATE "C", r.id)",
                                     kRuleFields>,
                                 UUIDARRAYOID)
                           .Returns(kRuleTypes);

Statement read_rule = Statement(Sql<"SELECT {1} WHERE r.id = $1", kRuleFields>, UUIDOID).Returns(kRuleTypes);

// What is known of an organization. `rules` are in the order of types and ids, and lie in `memory`, where
// there are any.
struct Known {
    Uuid organization;
    uint64 epoch;
    MemoryContext memory;
    const Rule **rules;
    int count;
};

constinit uint64 epoch = 1;
constinit Oid signal_table = InvalidOid;
constinit HTAB *cache = nullptr;

void
NoticeRelation(Oid relation) {
    if (relation == InvalidOid || relation == signal_table)
        epoch++;
}

HTAB *
Cache() {
    if (cache == nullptr) {
        HASHCTL control = {};
        control.keysize = sizeof(Uuid);
        control.entrysize = sizeof(Known);
        control.hcxt = TopMemoryContext;
        cache =
            hash_create("laurel rules of organizations", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }
    return cache;
}

Known *
Look(const Uuid &organization, HASHACTION action) {
    bool found;
    auto *known = static_cast<Known *>(hash_search(Cache(), &organization, action, &found));
    if (known != nullptr && !found)
        *known = {organization, 0, nullptr, nullptr, 0};
    return known;
}

// Gives what it held to the transaction: whoever still goes through the rules ends before that does.
void
Retire(Known *known) {
    if (known->memory != nullptr)
        MemoryContextSetParent(known->memory, TopTransactionContext);
    *known = {known->organization, 0, nullptr, nullptr, 0};
}

void
ForgetAll() {
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, Cache());
    while (auto *known = static_cast<Known *>(hash_seq_search(&scan)))
        Retire(known);
    hash_destroy(cache);
    cache = nullptr;
}

const char *
NextText(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? nullptr : CString(ToText(value));
}

Cap
NextCap(Row *row) {
    const int64 most = DatumGetInt64(row->Next());
    return {most, guards::PeriodNamed(ToText(row->Next())).value_or(guards::Period::Forever)};
}

// What entries and awards say of the rule.
void
Describe(Rule *rule) {
    rule->metadata = JsonbObject()
                         .Text("rule_id", UuidText(rule->id))
                         .Number("rule_version", static_cast<int64>(rule->version))
                         .Finish();
    rule->note = psprintf("Rule %s, version %d", rule->name, rule->version);
}

// Makes a rule of a row of kRuleFields, in the current memory context.
const Rule *
ReadRule(uint64 number) {
    Row row(number);
    auto *rule = new (palloc0(sizeof(Rule))) Rule();
    rule->organization = ToUuid(row.Next());
    rule->id = ToUuid(row.Next());
    rule->version = DatumGetInt32(row.Next());
    rule->name = NextText(&row);
    rule->event_type = NextText(&row);
    rule->condition_text = NextText(&row);
    rule->actions = ReadActions(row.Next());
    rule->after_commit = DatumGetBool(row.Next());
    rule->user_cap = NextCap(&row);
    rule->organization_cap = NextCap(&row);
    rule->cooldown = DatumGetInt64(row.Next());
    rule->from = DatumGetTimestampTz(row.Next());
    rule->until = DatumGetTimestampTz(row.Next());
    if (rule->condition_text != nullptr)
        rule->condition = ReadCondition(rule->condition_text);
    Describe(rule);
    return rule;
}

// As ReadRule; null for a version that nobody could save now, as after a trigger of the application's has
// written it anew. Reading touches no tables, so that nothing is to be undone.
const Rule *
ReadSoundRule(uint64 number) {
    ErrorData *error;
    try {
        return guard([number] { return ReadRule(number); });
    } catch (const PostgresError &raised) {
        error = raised.data();
    }
    if (StopsBatch(error->sqlerrcode))
        ReThrowError(error);
    ereport(LOG, (errcode(error->sqlerrcode),
                  errmsg("rule %s does not fire: %s", UuidText(ToUuid(Field(number, 2))), error->message)));
    return nullptr;
}

// Keeps the rows from `first` on that are of one organization. Returns the row after them.
uint64
KeepRules(uint64 first, uint64 count) {
    const Uuid organization = ToUuid(Field(first, 1));
    uint64 end = first + 1;
    while (end < count && ToUuid(Field(end, 1)) == organization)
        end++;
    MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "laurel rules", ALLOCSET_SMALL_SIZES);
    const MemoryContext before = MemoryContextSwitchTo(memory);
    auto **rules = NewList<const Rule *>(end - first);
    int kept = 0;
    for (uint64 row = first; row < end; row++)
        if (const Rule *rule = ReadSoundRule(row))
            rules[kept++] = rule;
    MemoryContextSwitchTo(before);
    Known *known = Look(organization, HASH_FIND);
    MemoryContextSetParent(memory, CacheMemoryContext);
    known->memory = memory;
    known->rules = rules;
    known->count = kept;
    return end;
}

void
Read(Datum *organizations, int count) {
    signal_table = TableOid("rule_changes", "laurel_internal");
    const uint64 reading = epoch;
    const FreshRead fresh(OwnerOf(TableOid("gamification_rules")));
    for (int i = 0; i < count; i++)
        Retire(Look(ToUuid(organizations[i]), HASH_ENTER));
    const uint64 rows = read_rules.Run(Access::Read, ArrayOf(organizations, count, UUIDOID));
    for (uint64 row = 0; row < rows;)
        row = KeepRules(row, rows);
    for (int i = 0; i < count; i++)
        Look(ToUuid(organizations[i]), HASH_FIND)->epoch = reading;
}

bool
IsKnown(const Uuid &organization) {
    const Known *known = Look(organization, HASH_FIND);
    return known != nullptr && known->epoch == epoch;
}

} // namespace

void
RememberRules(const Uuid *organizations, int count) {
    if (std::all_of(organizations, organizations + count, IsKnown))
        return;
    if (hash_get_num_entries(Cache()) + count > kMostOrganizations)
        ForgetAll();
    auto *unknown = NewList<Datum>(count);
    int unknown_count = 0;
    for (int i = 0; i < count; i++)
        if (!IsKnown(organizations[i]))
            unknown[unknown_count++] = FromUuid(organizations[i]);
    Read(unknown, unknown_count);
}

Rules
RulesOf(const Uuid &organization, std::string_view event_type) {
    const Known *known = Look(organization, HASH_FIND);
    if (known == nullptr || known->count == 0)
        return {};
    const Rule *const *end = known->rules + known->count;
    const Rule *const *first =
        std::lower_bound(static_cast<const Rule *const *>(known->rules), end, event_type,
                         [](const Rule *rule, std::string_view type) { return rule->event_type < type; });
    const Rule *const *last =
        std::find_if(first, end, [event_type](const Rule *rule) { return rule->event_type != event_type; });
    return {first, static_cast<int>(last - first)};
}

const Rule *
FindRule(const Uuid &id) {
    const MemoryContext memory = CurrentMemoryContext;
    const FreshRead fresh(OwnerOf(TableOid("gamification_rules")));
    if (read_rule.Run(Access::Read, FromUuid(id)) == 0)
        return nullptr;
    const MemoryContext before = MemoryContextSwitchTo(memory);
    const Rule *rule = ReadRule(0);
    MemoryContextSwitchTo(before);
    return rule;
}

void
InitRuleMemory() {
    WhenRelationChanges(NoticeRelation);
}

} // namespace laurel::rules
