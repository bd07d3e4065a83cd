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
#include "postgres/uuid_numbers.h"

namespace laurel::expiry {

namespace {

constexpr uint64 kEntriesAtOnce = 1024;

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

// Entries of the ledger from the last one back, of which some are read; without a limit the plan would be one
// that sorts them all.
Statement read_entries =
    Statement(R"(SELECT c.id, c.entry_no, c.amount, c.occurred_at, c.created_at, c.reverses_id
        FROM ONLY laurel.points_ledger c
        WHERE c.user_id = $2 AND c.organization_id = $1
        ORDER BY c.entry_no DESC LIMIT $3)",
              UUIDOID, UUIDOID, INT8OID)
        .Returns(UUIDOID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID)
        .Generic();

Statement read_archived =
    Statement(R"(SELECT c.id, c.entry_no, c.amount, c.occurred_at, c.created_at, c.reverses_id
        FROM laurel.points_ledger_archive c
        WHERE c.organization_id = $1 AND c.user_id = $2 ORDER BY c.entry_no DESC)",
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
    // Takes the next entry.
    void Take(TupleTableSlot *slot) {
        slot_getallattrs(slot);
        const Datum *values = slot->tts_values;
        const Lot lot = {ToUuid(values[0]),
                         DatumGetInt64(values[1]),
                         DatumGetInt64(values[2]),
                         DatumGetTimestampTz(values[3]),
                         0,
                         nullptr};
        const bool is_first = slot->tts_isnull[5];
        if (!is_first && lot.points < 0)
            reversed_.Of(ToUuid(values[5]));
        if (is_first && lot.points > 0 && !reversed_.Has(lot.entry))
            lots_.Add(lot);
        recorded_ = DatumGetTimestampTz(values[4]);
        read_++;
    }

    // Whether those that were earned after any that is not read make up so many points: nothing is earned
    // after it is recorded.
    bool MakeUp(int64 points) const {
        for (const Lot &lot : lots_)
            if (lot.earned_at >= recorded_ && (points -= std::min(points, lot.points)) == 0)
                return true;
        return false;
    }

    // The same, looked at after a thousand entries, and after twice as many each time.
    bool MakeUpByNow(int64 points) const {
        return read_ >= kEntriesAtOnce && std::has_single_bit(read_) && MakeUp(points);
    }

    Growing<Lot> &lots() { return lots_; }

private:
    Growing<Lot> lots_;
    UuidNumbers reversed_;
    uint64 read_ = 0;
    TimestampTz recorded_ = DT_NOEND;
};

// Credits of the account, as far back as they may be left.
Growing<Lot>
ReadCredits(const Account &account) {
    const Parameters whose = {FromUuid(account.organization), FromUuid(account.user)};
    Parameters all = whose;
    all.Add(Int64GetDatum(PG_INT64_MAX));
    Credits credits;
    read_entries.Each(all, [&](TupleTableSlot *slot) {
        credits.Take(slot);
        return !credits.MakeUpByNow(account.points);
    });
    if (!credits.MakeUp(account.points))
        read_archived.Each(whose, [&](TupleTableSlot *slot) {
            credits.Take(slot);
            return true;
        });
    return credits.lots();
}

// They mostly come in an order that needs no more sorting.
template <typename Order>
void
Sort(Growing<Lot> *lots, Order order) {
    if (!std::is_sorted(lots->begin(), lots->end(), order))
        std::sort(lots->begin(), lots->end(), order);
}

// Leaves the newest credits that make up the balance, newest first.
void
KeepNewest(int64 points, Growing<Lot> *lots) {
    Sort(lots, [](const Lot &a, const Lot &b) {
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
    std::reverse(lots->begin(), lots->end());
    Sort(lots, [](const Lot &a, const Lot &b) {
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
