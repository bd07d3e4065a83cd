// Quotas, whoever writes. A restore makes the triggers after rows and counters, so nothing is counted twice.

#include "guards/quota.h"

#include "guards/attached.h"
#include "guards/check.h"
#include "guards/derived_write.h"
#include "guards/transition_rows.h"
#include "guards/usage.h"
#include "postgres/owner.h"

namespace laurel::guards {

namespace {

constexpr TriggerSpec kQuotaRowsSpec = {"quota_rows", TriggerSpec::After, TriggerSpec::EachStatement,
                                        TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete,
                                        Quota::kArguments};
constexpr TriggerSpec kQuotaTableSpec = {"quota_table", TriggerSpec::After, TriggerSpec::EachStatement,
                                         TriggerSpec::Truncate, Quota::kArguments};
constexpr TriggerSpec kQuotaZoneSpec = {"quota_zone", TriggerSpec::After, TriggerSpec::EachRow,
                                        TriggerSpec::Update};
constexpr TriggerSpec kGuardUsageSpec = {"guard_usage", TriggerSpec::After, TriggerSpec::EachRow,
                                         TriggerSpec::Insert | TriggerSpec::Update};

TooMuch
CountStatement(const TriggerData *trigger, Quota &quota, Excess excess) {
    const AsOwner owner(quota.role);
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    QuotaNet net;
    Zones zones;
    AddRows(&net, quota, &zones, tuple_desc, trigger->tg_newtable, 1);
    AddRows(&net, quota, &zones, tuple_desc, trigger->tg_oldtable, -1);
    return AddToUsage(quota, &net, &zones, excess);
}

void
Recount(Quota &quota, const Uuid *organization) {
    const AsOwner owner(quota.role);
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    RecountUsage(quota, organization);
}

void
AddWrongUsage(Quota &quota, Findings *findings) {
    const AsOwner owner(quota.role);
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const uint64 count = quota.find_wrong.Run(Access::Write, {FromText(quota.kind), Nullable()});
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const Uuid organization = ToUuid(row.Next());
        bool is_nobodys;
        const Datum member = row.Next(&is_nobodys);
        const Uuid user = is_nobodys ? Uuid{} : ToUuid(member);
        const char *of = CString(ToText(row.Next())), *start = CString(ToText(row.Next()));
        const int64 is = DatumGetInt64(row.Next()), should = DatumGetInt64(row.Next());
        findings->Add({quota.table, "quota", &organization, is_nobodys ? nullptr : &user,
                       psprintf("%s of %s from %s is %lld, and its rows come to %lld", quota.kind, of, start,
                                static_cast<long long>(is), static_cast<long long>(should))});
    }
}

// A quota is proven by its trigger for INSERT, which the other two need.
void
CheckQuota(const Guarded &guarded, Findings *findings) {
    Quota &quota = RuleOf<Quota>(guarded.relation, guarded.trigger);
    if (!TRIGGER_FOR_INSERT(guarded.trigger.tgtype))
        return findings->Expect(guarded, quota.table, kQuotaRows, TRIGGER_TYPE_INSERT);
    for (const int16 event : {TRIGGER_TYPE_UPDATE, TRIGGER_TYPE_DELETE})
        findings->Expect(guarded, quota.table, kQuotaRows, event);
    findings->Expect(guarded, quota.table, kQuotaTable, TRIGGER_TYPE_TRUNCATE);
    TellProgress(quota.table, "quotas");
    AddWrongUsage(quota, findings);
}

// Calls see(trigger) for each trigger for INSERT of a quota of an open table.
template <typename See>
void
EachQuota(Relation relation, See see) {
    const TriggerDesc *triggers = CopyTriggerDesc(relation->trigdesc);
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
        const Trigger &trigger = triggers->triggers[i];
        if (KindOf(trigger.tgfoid) == &kQuotaRows && trigger.tgnargs == Quota::kArguments &&
            TRIGGER_FOR_INSERT(trigger.tgtype))
            see(trigger);
    }
}

// The quota of that name of an open table.
Quota &
QuotaNamed(Relation relation, const char *kind) {
    const Trigger *trigger = nullptr;
    EachQuota(relation, [&trigger, kind](const Trigger &found) {
        if (strcmp(found.tgargs[1], kind) == 0)
            trigger = &found;
    });
    if (trigger == nullptr)
        Refuse({.sqlstate = ERRCODE_UNDEFINED_OBJECT,
                .message = psprintf("no guard keeps the quota \"%s\" of \"%s\"", kind,
                                    RelationGetRelationName(relation)),
                .hint = "Attach one with laurel_internal.quota()."});
    return RuleOf<Quota>(relation, *trigger);
}

// Counts an organization anew in what all quotas of a table with periods count.
void
FollowZone(Oid table, const Uuid &organization) {
    Relation relation = relation_open(table, AccessShareLock);
    EachQuota(relation, [relation, &organization](const Trigger &trigger) {
        Quota &quota = RuleOf<Quota>(relation, trigger);
        if (quota.is_periodic())
            Recount(quota, &organization);
    });
    relation_close(relation, NoLock);
}

} // namespace

constinit const GuardKind kQuotaRows = {"quota_rows", ReadRule<Quota>, CheckQuota};
constinit const GuardKind kQuotaTable = {"quota_table", ReadRule<Quota>};
constinit const GuardKind kQuotaZone = {"quota_zone", [](Relation, const Trigger &) {}};
constinit const GuardKind kGuardUsage = {"guard_usage", [](Relation, const Trigger &) {}};

LAUREL_FUNCTION(laurel_quota_rows) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kQuotaRowsSpec);
    if (tuplestore_tuple_count(RowsOfStatement(trigger)) == 0)
        return PointerGetDatum(nullptr);
    Quota &quota = RuleOf<Quota>(trigger);
    const bool moves = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) && DerivedWrite::Admits(fcinfo);
    const TooMuch much = CountStatement(trigger, quota, moves ? Excess::IsMoved : Excess::IsRefused);
    if (much.is_so)
        RefuseTooMuch(quota, much);
    return PointerGetDatum(nullptr);
}

// Nobody else writes what is counted while it is truncated.
LAUREL_FUNCTION(laurel_quota_table) {
    Recount(RuleOf<Quota>(CheckTrigger(fcinfo, kQuotaTableSpec)), nullptr);
    return PointerGetDatum(nullptr);
}

// Fires where an organization goes by another clock: its periods begin and end at other times.
LAUREL_FUNCTION(laurel_quota_zone) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kQuotaZoneSpec);
    bool is_null;
    const Datum id =
        AttributeValue(trigger->tg_newtuple, RelationGetDescr(trigger->tg_relation), "id", UUIDOID, &is_null);
    const Uuid organization = ToUuid(id);
    LockOrganizationUntilEnd(OwnLock::PeriodsOfOrganization, DatumGetUUIDP(id), ExclusiveLock);
    for (const Attached &guard : AttachedGuards())
        if (guard.kind == &kQuotaRows && TRIGGER_FOR_INSERT(guard.type) &&
            !get_rel_relispartition(guard.table))
            FollowZone(guard.table, organization);
    return PointerGetDatum(nullptr);
}

// Fires where a counter was written: only what is counted writes it.
LAUREL_FUNCTION(laurel_guard_usage) {
    CheckTrigger(fcinfo, kGuardUsageSpec);
    if (DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "quota_usage follows from the rows that it counts and is not written directly",
            .hint = "Write the rows, which change it; laurel_internal.recount_quota() counts them anew.",
            .table = "quota_usage",
            .constraint = "quota_usage_used_follows"});
}

Nullable
AllowedNow(Oid table, const char *kind, const Uuid &organization, const Uuid &member) {
    Relation relation = relation_open(table, AccessShareLock);
    Quota &quota = QuotaNamed(relation, kind);
    QuotaKey key = {};
    key.organization = organization;
    key.owners[0] = member;
    Nullable allowed;
    {
        const AsOwner owner(quota.role);
        const SpiConnection spi;
        const CatalogPath path(CatalogPath::Force);
        allowed = FindAllowed(quota, key);
    }
    relation_close(relation, NoLock);
    return allowed;
}

// laurel_internal.recount_quota(table, kind)
LAUREL_FUNCTION(laurel_recount_quota) {
    Relation table = relation_open(PG_GETARG_OID(0), RowExclusiveLock);
    Quota &quota = QuotaNamed(table, CString(ToText(PG_GETARG_DATUM(1))));
    LockRelationOid(quota.table, ShareRowExclusiveLock);
    Recount(quota, nullptr);
    relation_close(table, NoLock);
    PG_RETURN_VOID();
}

} // namespace laurel::guards
