#include "guards/too_much.h"

#include "access/caller.h"
#include "postgres/owner.h"

namespace laurel::guards {

namespace {

// Whether the caller may know what the owner has used.
bool
MayKnow(const Quota &quota, const QuotaKey &key) {
    if (IsTrusted(TableOid("quota_usage")))
        return true;
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    if (access::Administers(caller, key.organization))
        return true;
    return quota.member >= 0 && caller.known && caller.user == key.owners[quota.member] &&
           access::BelongsTo(caller, key.organization);
}

const char *
OwnerText(const Quota &quota, const QuotaKey &key) {
    StringInfoData text;
    initStringInfo(&text);
    for (int i = 0; i < quota.owner_count; i++)
        appendStringInfo(&text, "%s%s %s", i == 0 ? "" : ", ", quota.owners[i].name, UuidText(key.owners[i]));
    return quota.owner_count == 0 ? psprintf("organization_id %s", UuidText(key.organization)) : text.data;
}

const char *
Known(const Quota &quota, const TooMuch &much) {
    const char *period = quota.is_periodic() ? psprintf(" a %s", PeriodName(quota.period)) : "";
    return psprintf("For %s: allowed %lld%s, used %lld, asked for %lld", OwnerText(quota, much.key),
                    static_cast<long long>(much.allowed), period, static_cast<long long>(much.used),
                    static_cast<long long>(much.asked));
}

} // namespace

void
RefuseTooMuch(const Quota &quota, const TooMuch &much) {
    const bool helps_to_wait =
        quota.is_periodic() && much.asked <= much.allowed && much.ends > GetCurrentTimestamp();
    const char *known = MayKnow(quota, much.key)
                            ? Known(quota, much)
                            : psprintf("Asked for %lld", static_cast<long long>(much.asked));
    const char *next = helps_to_wait ? psprintf("; next at %s", CString(IsoTime(much.ends))) : "";
    Refuse({.sqlstate = helps_to_wait ? kTooOften : ERRCODE_CHECK_VIOLATION,
            .message = psprintf("the quota \"%s\" of \"%s\" does not allow as much", quota.kind,
                                quota.table_name.name),
            .detail = psprintf("%s%s.", known, next),
            .hint = helps_to_wait ? psprintf("Try again when the next %s begins, or ask for less.",
                                             PeriodName(quota.period))
                                  : "Ask for less; waiting does not help.",
            .schema = quota.table_name.schema,
            .table = quota.table_name.name,
            .constraint = psprintf("%s_%s_quota", quota.table_name.name, quota.kind)});
}

} // namespace laurel::guards
