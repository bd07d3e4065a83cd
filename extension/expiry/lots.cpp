// What a member has, by when it was earned and expires.

#include "access/caller.h"
#include "access/organization.h"
#include "expiry/credits.h"
#include "expiry/policy.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/growing.h"
#include "postgres/local_time.h"
#include "postgres/owner.h"

namespace laurel::expiry {

namespace {

constexpr int kCreditsAtOnce = 1000;

// What the account $2 has to spend, its zone and when its member was active last, by which inactivity counts.
Statement read_account = Statement(Sql<R"(SELECT {1}, o.time_zone, greatest(
            pg_catalog.timezone(o.time_zone, p.last_activity_date::pg_catalog.timestamp), coalesce(
            (SELECT h.created_at FROM ONLY laurel.points_ledger h
             WHERE h.user_id = $2 AND h.organization_id = $1 AND h.transaction_type <> 'points_expired'
             ORDER BY h.user_id DESC, h.organization_id DESC, h.entry_no DESC LIMIT 1),
            (SELECT h.created_at FROM laurel.points_ledger_archive h
             WHERE h.organization_id = $1 AND h.user_id = $2 AND h.transaction_type <> 'points_expired'
             ORDER BY h.created_at DESC, h.entry_no DESC LIMIT 1), p.created_at))
        FROM ONLY laurel.user_points p JOIN ONLY laurel.organizations o ON o.id = p.organization_id
        WHERE p.user_id = $2 AND p.organization_id = $1)",
                                       kFree>,
                                   UUIDOID, UUIDOID)
                             .Returns(INT8OID, TEXTOID, TIMESTAMPTZOID);

Statement read_policies =
    Statement(R"(SELECT p.rule, p.length, p.applies_from FROM ONLY laurel.point_expiry_policies p
        WHERE p.organization_id = $1 ORDER BY p.rule)",
              UUIDOID)
        .Returns(TEXTOID, INT4OID, DATEOID);

// Credits of the ledger with lower numbers, from the last one back.
Statement read_credits = Statement(R"(SELECT c.id, c.entry_no, c.amount, c.occurred_at, c.created_at
        FROM ONLY laurel.points_ledger c
        WHERE c.user_id = $2 AND c.organization_id = $1 AND c.entry_no < $3 AND c.amount > 0 AND c.reverses_id IS NULL
            AND NOT EXISTS (SELECT FROM ONLY laurel.points_ledger r
                WHERE r.organization_id = c.organization_id AND r.reverses_id = c.id)
        ORDER BY c.user_id DESC, c.organization_id DESC, c.entry_no DESC LIMIT $4)",
                                   UUIDOID, UUIDOID, INT8OID, INT4OID)
                             .Returns(UUIDOID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID);

Statement read_archived = Statement(R"(SELECT c.id, c.entry_no, c.amount, c.occurred_at, c.created_at
        FROM laurel.points_ledger_archive c
        WHERE c.organization_id = $1 AND c.user_id = $2 AND c.amount > 0 AND c.reverses_id IS NULL
            AND NOT EXISTS (SELECT FROM ONLY laurel.points_ledger r
                WHERE r.organization_id = c.organization_id AND r.reverses_id = c.id)
            AND NOT EXISTS (SELECT FROM laurel.points_ledger_archive r
                WHERE r.organization_id = c.organization_id AND r.reverses_id = c.id))",
                                    UUIDOID, UUIDOID)
                              .Returns(UUIDOID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID);

struct Policy {
    const char *rule;
    bool by_activity;
    kernel::Expiry expiry;
    int32 applies_from;
};

struct Account {
    Uuid organization;
    Uuid user;
    int64 points;
    pg_tz *zone;
    TimestampTz active_at;
};

// What is left of a credit.
struct Lot {
    Uuid entry;
    int64 entry_no;
    int64 points;
    TimestampTz earned_at;
    TimestampTz expires_at;
    const char *rule;
};

bool
ReadAccountOf(Account *account) {
    if (read_account.Run(Access::Read, {FromUuid(account->organization), FromUuid(account->user)}) == 0)
        return false;
    Row row;
    account->points = DatumGetInt64(row.Next());
    account->zone = ZoneNamed(ToText(row.Next()));
    account->active_at = DatumGetTimestampTz(row.Next());
    return account->points > 0;
}

Growing<Policy>
ReadPolicies(const Uuid &organization) {
    Growing<Policy> policies;
    const uint64 count = read_policies.Run(Access::Read, FromUuid(organization));
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const char *rule = CString(ToText(row.Next()));
        const kernel::Expiry expiry = ExpiryOf(rule, DatumGetInt32(row.Next()));
        policies.Add({rule, strcmp(rule, "inactivity") == 0, expiry, DatumGetDateADT(row.Next())});
    }
    return policies;
}

// Adds the credits of the last result. Returns when the last of them was recorded.
TimestampTz
AddCredits(uint64 count, Growing<Lot> *lots) {
    WideRow row;
    TimestampTz recorded = DT_NOEND;
    for (uint64 i = 0; i < count; i++) {
        row.Take(i);
        Lot lot = {};
        lot.entry = ToUuid(row.Next());
        lot.entry_no = DatumGetInt64(row.Next());
        lot.points = DatumGetInt64(row.Next());
        lot.earned_at = DatumGetTimestampTz(row.Next());
        lots->Add(lot);
        recorded = DatumGetTimestampTz(row.Next());
    }
    ForgetResult();
    return recorded;
}

// Whether the credits that were earned since make up so many points.
bool
MakeUp(const Growing<Lot> &lots, int64 points, TimestampTz since) {
    for (const Lot &lot : lots)
        if (lot.earned_at >= since && (points -= std::min(points, lot.points)) == 0)
            return true;
    return false;
}

// Credits of the account, as far back as they may be left: nothing is earned after it is recorded, so that
// none that is older than enough others counts.
Growing<Lot>
ReadCredits(const Account &account) {
    Growing<Lot> lots;
    int64 before = PG_INT64_MAX;
    for (;;) {
        const uint64 count =
            read_credits.Run(Access::Read, {FromUuid(account.organization), FromUuid(account.user),
                                            Int64GetDatum(before), Int32GetDatum(kCreditsAtOnce)});
        const TimestampTz recorded = AddCredits(count, &lots);
        if (MakeUp(lots, account.points, recorded))
            return lots;
        if (count < kCreditsAtOnce)
            break;
        before = lots[lots.count() - 1].entry_no;
    }
    AddCredits(read_archived.Run(Access::Read, {FromUuid(account.organization), FromUuid(account.user)}),
               &lots);
    return lots;
}

// Leaves the newest credits that make up the balance, newest first.
void
KeepNewest(int64 points, Growing<Lot> *lots) {
    std::sort(lots->begin(), lots->end(), [](const Lot &a, const Lot &b) {
        return a.earned_at != b.earned_at ? a.earned_at > b.earned_at : a.entry_no > b.entry_no;
    });
    int64 kept = 0;
    for (; kept < lots->count() && points > 0; kept++) {
        Lot &lot = (*lots)[kept];
        lot.points = std::min(lot.points, points);
        points -= lot.points;
    }
    lots->Cut(kept);
}

// Says of each lot when it expires first, and by which rule.
void
SetExpiry(const Account &account, const Growing<Policy> &policies, Growing<Lot> *lots) {
    const int32 active_on = LocalDay(account.active_at, account.zone);
    for (Lot &lot : *lots) {
        int32 first = PG_INT32_MAX;
        const int32 earned_on = LocalDay(lot.earned_at, account.zone);
        for (const Policy &policy : policies) {
            const int32 day =
                std::max(policy.applies_from,
                         kernel::ExpiryDay(policy.expiry, policy.by_activity ? active_on : earned_on));
            if (day >= first)
                continue;
            first = day;
            lot.rule = policy.rule;
        }
        lot.expires_at = MomentOf({first, 0}, account.zone);
    }
}

void
ReturnLots(FunctionCallInfo fcinfo, Growing<Lot> *lots) {
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    std::sort(lots->begin(), lots->end(), [](const Lot &a, const Lot &b) {
        if (a.expires_at != b.expires_at)
            return a.expires_at < b.expires_at;
        return a.earned_at != b.earned_at ? a.earned_at < b.earned_at : a.entry_no < b.entry_no;
    });
    for (const Lot &lot : *lots) {
        Datum values[] = {FromUuid(lot.entry), Int64GetDatum(lot.points), TimestampTzGetDatum(lot.earned_at),
                          TimestampTzGetDatum(lot.expires_at), CStringGetTextDatum(lot.rule)};
        bool nulls[std::size(values)] = {};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

void
RequireSight(Oid table, const Account &account) {
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    const bool visible = caller.has_organization && caller.organization == account.organization &&
                         access::CanSee(caller, account.user);
    if (IsTrusted(table) || visible)
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to see this user's points",
            .hint = access::HintOr(
                "Members see their own; trainers, managers and administrators those entrusted to them.")});
}

} // namespace

// laurel.expiring_points(user, organization)
LAUREL_FUNCTION(laurel_expiring_points) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    Account account = {};
    account.user = ToUuid(Required(fcinfo, 0, "user_id", kNameTheMember));
    const Oid table = TableOid("points_ledger");
    account.organization =
        access::OrganizationArgument(fcinfo, 1, table, account.user, "points_ledger_account_fkey");
    RequireSight(table, account);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Growing<Policy> policies = ReadPolicies(account.organization);
    if (policies.count() == 0 || !ReadAccountOf(&account))
        PG_RETURN_NULL();
    Growing<Lot> lots = ReadCredits(account);
    KeepNewest(account.points, &lots);
    SetExpiry(account, policies, &lots);
    ReturnLots(fcinfo, &lots);
    PG_RETURN_NULL();
}

} // namespace laurel::expiry
