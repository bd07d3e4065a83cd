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

constexpr int kEntriesAtOnce = 1000;

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

// Entries of the ledger with lower numbers, from the last one back.
Statement read_entries =
    Statement(R"(SELECT c.id, c.entry_no, c.amount, c.occurred_at, c.created_at, c.reverses_id
        FROM ONLY laurel.points_ledger c
        WHERE c.user_id = $2 AND c.organization_id = $1 AND c.entry_no < $3
        ORDER BY c.user_id DESC, c.organization_id DESC, c.entry_no DESC LIMIT $4)",
              UUIDOID, UUIDOID, INT8OID, INT4OID)
        .Returns(UUIDOID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID)
        .Generic();

Statement read_archived =
    Statement(R"(SELECT c.id, c.entry_no, c.amount, c.occurred_at, c.created_at, c.reverses_id
        FROM laurel.points_ledger_archive c
        WHERE c.organization_id = $1 AND c.user_id = $2)",
              UUIDOID, UUIDOID)
        .Returns(UUIDOID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID);

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

// The credits of an account that were not reversed, read from its end. A reversal comes after what it
// reverses, so that it is read before.
class Credits {
public:
    // Takes the entries of the last result.
    void Take(uint64 count) {
        const int64 first = lots_.count();
        WideRow row;
        for (uint64 i = 0; i < count; i++) {
            row.Take(i);
            TakeEntry(&row);
        }
        ForgetResult();
        std::sort(reversed_.begin(), reversed_.end());
        const Lot *end = std::remove_if(lots_.begin() + first, lots_.end(), [this](const Lot &lot) {
            return std::binary_search(reversed_.begin(), reversed_.end(), lot.entry);
        });
        lots_.Cut(end - lots_.begin());
    }

    // Whether those that were earned after any that is not read make up so many points: nothing is earned
    // after it is recorded.
    bool MakeUp(int64 points) const {
        for (const Lot &lot : lots_)
            if (lot.earned_at >= recorded_ && (points -= std::min(points, lot.points)) == 0)
                return true;
        return false;
    }

    int64 last_no() const { return last_no_; }
    Growing<Lot> &lots() { return lots_; }

private:
    void TakeEntry(WideRow *row) {
        Lot lot = {};
        lot.entry = ToUuid(row->Next());
        lot.entry_no = last_no_ = DatumGetInt64(row->Next());
        lot.points = DatumGetInt64(row->Next());
        lot.earned_at = DatumGetTimestampTz(row->Next());
        recorded_ = DatumGetTimestampTz(row->Next());
        bool is_first;
        const Datum reversed = row->Next(&is_first);
        if (is_first && lot.points > 0)
            lots_.Add(lot);
        if (!is_first && lot.points < 0)
            reversed_.Add(ToUuid(reversed));
    }

    Growing<Lot> lots_;
    Growing<Uuid> reversed_;
    int64 last_no_ = PG_INT64_MAX;
    TimestampTz recorded_ = DT_NOEND;
};

// Credits of the account, as far back as they may be left.
Growing<Lot>
ReadCredits(const Account &account) {
    Credits credits;
    for (;;) {
        const uint64 count =
            read_entries.Run(Access::Read, {FromUuid(account.organization), FromUuid(account.user),
                                            Int64GetDatum(credits.last_no()), Int32GetDatum(kEntriesAtOnce)});
        credits.Take(count);
        if (credits.MakeUp(account.points))
            return credits.lots();
        if (count < kEntriesAtOnce)
            break;
    }
    credits.Take(read_archived.Run(Access::Read, {FromUuid(account.organization), FromUuid(account.user)}));
    return credits.lots();
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

// The day on which points of a day expire first, and the rule that says so.
int32
FirstExpiry(const Growing<Policy> &policies, int32 earned_on, int32 active_on, const char **rule) {
    int32 first = PG_INT32_MAX;
    for (const Policy &policy : policies) {
        const int32 day =
            std::max(policy.applies_from,
                     kernel::ExpiryDay(policy.expiry, policy.by_activity ? active_on : earned_on));
        if (day >= first)
            continue;
        first = day;
        *rule = policy.rule;
    }
    return first;
}

// Says of each lot when it expires first, and by which rule. Those of one day expire together.
void
SetExpiry(const Account &account, const Growing<Policy> &policies, Growing<Lot> *lots) {
    const int32 active_on = LocalDay(account.active_at, account.zone);
    TimestampTz day_begin = DT_NOEND, day_end = DT_NOEND, expires_at = 0;
    const char *rule = nullptr;
    for (Lot &lot : *lots) {
        if (lot.earned_at < day_begin || lot.earned_at >= day_end) {
            const int32 day = LocalDay(lot.earned_at, account.zone);
            day_begin = MomentOf({day, 0}, account.zone);
            day_end = MomentOf({day + 1, 0}, account.zone);
            expires_at = MomentOf({FirstExpiry(policies, day, active_on, &rule), 0}, account.zone);
        }
        lot.expires_at = expires_at;
        lot.rule = rule;
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
