// What an organization owes its members at a moment: what is left of credits, by how old they are and the
// tier of who has them.

#include "access/caller.h"
#include "access/organization.h"
#include "points/settings.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/growing.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/uuid_numbers.h"

namespace laurel::expiry {

namespace {

constexpr int kMostAges = 100, kTiers = 4;

// What is no credit, of the entries of organization $1 that were recorded by the moment $2: those that were
// reversed by then, and reversals of debits.
constexpr SqlText kNotEarnedIn =
    R"(SELECT CASE WHEN r.amount < 0 THEN r.reverses_id ELSE r.id END FROM {1} r
        WHERE r.organization_id = $1 AND r.reverses_id IS NOT NULL AND r.created_at <= $2)";

Statement find_not_earned = Statement(Sql<"{1} UNION ALL {2}", Sql<kNotEarnedIn, "ONLY laurel.points_ledger">,
                                          Sql<kNotEarnedIn, "laurel.points_ledger_archive">>,
                                      UUIDOID, TIMESTAMPTZOID)
                                .Returns(UUIDOID)
                                .Custom();

constexpr SqlText kEntriesIn =
    R"(SELECT e.user_id, e.amount, e.occurred_at, e.id, e.reverses_id IS NOT NULL FROM {1} e
        WHERE e.organization_id = $1 AND e.created_at <= $2)";

Statement read_all_entries = Statement(Sql<"{1} UNION ALL {2}", Sql<kEntriesIn, "ONLY laurel.points_ledger">,
                                           Sql<kEntriesIn, "laurel.points_ledger_archive">>,
                                       UUIDOID, TIMESTAMPTZOID)
                                 .Returns(UUIDOID, INT8OID, TIMESTAMPTZOID, UUIDOID, BOOLOID)
                                 .Custom();

void
Increase(int64 *sum, int64 by) {
    if (unlikely(pg_add_s64_overflow(*sum, by, sum)))
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("bigint out of range")));
}

// How many points of how many accounts, of a tier and an age.
struct Owed {
    int64 points, accounts;
};

// The moments at which credits came to the ages that are asked for, earliest first: ages are numbered from
// the oldest.
struct Ages {
    TimestampTz begins[kMostAges];
    int32 days[kMostAges]; // youngest first
    int count;

    int Of(TimestampTz earned) const {
        return static_cast<int>(std::upper_bound(begins, begins + count, earned) - begins);
    }
};

// What decides a tier, as the organization has it now, at a moment.
struct TierRule {
    points::TierBasis basis;
    kernel::TierThresholds thresholds;
    TimestampTz window_begin; // of Rolling
};

struct Entry {
    int64 amount;
    TimestampTz occurred;
    bool is_reversal;

    // Whether what was ever earned changes by it, as kernel::Post has it.
    bool IsOfEarning() const { return amount > 0 ? !is_reversal : is_reversal; }
};

// What the entries of each account add up to, what of it its window has, and its credits by age.
class Accounts {
public:
    Accounts(const Ages &ages, const TierRule &rule) : ages_(ages), rule_(rule) {}

    void Add(const Uuid &user, const Entry &entry, bool is_credit) {
        const int64 first = static_cast<int64>(numbers_.Of(user)) * Width();
        while (sums_.count() < first + Width())
            sums_.Add(0);
        Increase(&sums_[first], entry.amount);
        if (entry.IsOfEarning() && entry.occurred >= rule_.window_begin)
            Increase(&sums_[first + 1], entry.amount);
        if (is_credit)
            Increase(&sums_[first + 2 + ages_.Of(entry.occurred)], entry.amount);
    }

    // Calls see(tier, balance, credits by age) for each account.
    template <typename See> void Each(See see) const {
        for (int64 first = 0; first < sums_.count(); first += Width())
            see(TierOf(first), sums_[first], &sums_[first + 2]);
    }

private:
    int Width() const { return ages_.count + 3; }

    kernel::Tier TierOf(int64 first) const {
        int64 points = sums_[first];
        if (rule_.basis == points::TierBasis::Rolling)
            points = sums_[first + 1];
        if (rule_.basis == points::TierBasis::Lifetime) {
            points = 0;
            for (int age = 0; age <= ages_.count; age++)
                Increase(&points, sums_[first + 2 + age]);
        }
        return kernel::TierFor(points, rule_.thresholds);
    }

    const Ages &ages_;
    const TierRule &rule_;
    UuidNumbers numbers_;
    Growing<int64> sums_;
};

// False where there is no such organization.
bool
FindTierRule(const Uuid &organization, TimestampTz at, TierRule *rule) {
    const points::Settings *settings = points::FindSettings(organization);
    if (settings == nullptr)
        return false;
    *rule = {settings->basis, settings->tiers, 0};
    if (rule->basis == points::TierBasis::Rolling)
        rule->window_begin =
            MomentOf({kernel::WindowFrom(settings->window, LocalDay(at, settings->zone)), 0}, settings->zone);
    return true;
}

// Entries that were recorded by a moment, whatever becomes of them meanwhile.
void
ReadEntries(const Uuid &organization, TimestampTz at, Accounts *accounts) {
    const Parameters parameters = {FromUuid(organization), TimestampTzGetDatum(at)};
    UuidNumbers not_earned;
    find_not_earned.Each(parameters, [&](TupleTableSlot *slot) {
        slot_getallattrs(slot);
        not_earned.Of(ToUuid(slot->tts_values[0]));
        return true;
    });
    read_all_entries.Each(parameters, [&](TupleTableSlot *slot) {
        slot_getallattrs(slot);
        const Datum *values = slot->tts_values;
        const Entry entry = {DatumGetInt64(values[1]), DatumGetTimestampTz(values[2]),
                             DatumGetBool(values[4])};
        accounts->Add(ToUuid(values[0]), entry, entry.amount > 0 && !not_earned.Has(ToUuid(values[3])));
        return true;
    });
}

// What is owed to all, by tier and age: of each account its youngest credits that make up the balance.
void
AddUp(const Accounts &accounts, const Ages &ages, Owed (*owed)[kMostAges + 1]) {
    accounts.Each([&](kernel::Tier tier, int64 balance, const int64 *credits) {
        Owed *of_tier = owed[static_cast<int>(tier)];
        for (int age = ages.count; age >= 0 && balance > 0; age--) {
            const int64 points = age == 0 ? balance : std::min(balance, credits[age]);
            balance -= points;
            Increase(&of_tier[age].points, points);
            of_tier[age].accounts += points > 0;
        }
    });
}

void
ReturnOwed(FunctionCallInfo fcinfo, const Ages &ages, const Owed (*owed)[kMostAges + 1]) {
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (int tier = 0; tier < kTiers; tier++)
        for (int age = ages.count; age >= 0; age--) {
            const Owed &one = owed[tier][age];
            const int nth = ages.count - age;
            Datum values[] = {FromText(kernel::TierName(static_cast<kernel::Tier>(tier))),
                              Int32GetDatum(nth > 0 ? ages.days[nth - 1] : 0),
                              Int32GetDatum(nth < ages.count ? ages.days[nth] : 0), Int64GetDatum(one.points),
                              Int64GetDatum(one.accounts)};
            bool nulls[std::size(values)] = {false, false, nth == ages.count};
            if (one.accounts > 0)
                tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
        }
}

[[noreturn]] void
RefuseAges() {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "ages must be days from 1 to 36500, ascending",
            .hint = "Such as ARRAY[90, 180, 365]: under 90 days, 90 to 179, 180 to 364, and older."});
}

void
ReadAges(TimestampTz at, Datum days, Ages *ages) {
    Datum *values;
    bool *nulls;
    ArrayType *array = DatumGetArrayTypeP(days);
    deconstruct_array(array, INT4OID, sizeof(int32), true, TYPALIGN_INT, &values, &nulls, &ages->count);
    if (ages->count > kMostAges || ARR_NDIM(array) > 1)
        RefuseAges();
    int32 before = 0;
    for (int i = 0; i < ages->count; i++) {
        if (nulls[i] || DatumGetInt32(values[i]) <= before || DatumGetInt32(values[i]) > 36500)
            RefuseAges();
        ages->days[i] = before = DatumGetInt32(values[i]);
        ages->begins[ages->count - 1 - i] = at - before * USECS_PER_DAY + 1;
    }
}

TimestampTz
MomentArgument(FunctionCallInfo fcinfo, int index) {
    const TimestampTz now = GetCurrentTimestamp();
    if (PG_ARGISNULL(index))
        return now;
    const TimestampTz at = PG_GETARG_TIMESTAMPTZ(index);
    if (!TIMESTAMP_NOT_FINITE(at) && at <= now)
        return at;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "what is owed in the future is not known",
            .detail = psprintf("as_of is %s.", timestamptz_to_str(at))});
}

} // namespace

// laurel.points_liability(as_of, organization, ages)
LAUREL_FUNCTION(laurel_points_liability) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Oid table = TableOid("points_ledger");
    const TimestampTz at = MomentArgument(fcinfo, 0);
    const Datum days = Required(fcinfo, 2, "ages");
    const Uuid organization = access::ActiveOrganization(fcinfo, 1);
    access::RequireAdministrator(table, organization, "see what this organization owes in points");
    Ages ages;
    ReadAges(at, days, &ages);
    Owed owed[kTiers][kMostAges + 1] = {};
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    TierRule rule;
    if (!FindTierRule(organization, at, &rule))
        PG_RETURN_NULL();
    Accounts accounts(ages, rule);
    ReadEntries(organization, at, &accounts);
    AddUp(accounts, ages, owed);
    ReturnOwed(fcinfo, ages, owed);
    PG_RETURN_NULL();
}

} // namespace laurel::expiry
