// Lock order: rows of the table, then of quota_usage: those that are there by key, then those that are new by
// key. Whoever holds a counter's lock sees every committed row that it counts.

#include "guards/usage.h"

#include "guards/derived_write.h"
#include "postgres/column.h"
#include "postgres/owner.h"

namespace laurel::guards {

namespace {

constexpr const char *kUsage = "quota_usage";

// One counter and what a statement does to it.
struct Counter {
    const QuotaKey *key;
    int64 by;
    int64 used = 0; // before the statement
    int64 after = 0;
    int64 allowed = PG_INT64_MAX;
    TimestampTz ends = DT_NOEND;
    TimestampTz begins = DT_NOBEGIN; // or a day before that
    bool is_there = false;
};

struct Counters {
    Counter *items;
    int count;

    Counter *begin() const { return items; }
    Counter *end() const { return items + count; }
};

TimestampTz
DayBefore(int32 day, pg_tz *zone) {
    return MomentOf({day - 1, 0}, zone);
}

Counters
CountersOf(const Quota &quota, const QuotaNet &net, Zones *zones) {
    Counters counters = {NewList<Counter>(net.end() - net.begin()), 0};
    for (const DifferenceOf<QuotaKey> &difference : net) {
        Counter counter = {&difference.row, difference.by};
        if (quota.is_periodic()) {
            pg_tz *zone = zones->Of(difference.row.organization);
            counter.ends = PeriodEnd(quota.period, difference.row.start, zone);
            counter.begins = DayBefore(difference.row.start, zone);
        }
        counters.items[counters.count++] = counter;
    }
    return counters;
}

// The arguments of a statement of many counters. What it gives is found again by `place`.
class Asked {
public:
    Asked(const Quota &quota, int capacity)
        : kind_(quota.kind), counters_(NewList<Counter *>(capacity)), organizations_(UUIDOID, capacity),
          starts_(DATEOID, capacity), amounts_(INT8OID, capacity), begins_(TIMESTAMPTZOID, capacity),
          ends_(TIMESTAMPTZOID, capacity), owners_{Column(UUIDOID, capacity), Column(UUIDOID, capacity),
                                                   Column(UUIDOID, capacity), Column(UUIDOID, capacity)} {}

    void Add(Counter *counter, int64 amount) {
        counters_[organizations_.count()] = counter;
        organizations_.Add(FromUuid(counter->key->organization));
        starts_.Add(DateADTGetDatum(counter->key->start));
        amounts_.Add(Int64GetDatum(amount));
        begins_.Add(TimestampTzGetDatum(counter->begins));
        ends_.Add(TimestampTzGetDatum(counter->ends));
        for (int i = 0; i < QuotaKey::kMostOwners; i++)
            owners_[i].Add(FromUuid(counter->key->owners[i]));
    }

    int count() const { return organizations_.count(); }
    bool AreThere() const {
        return std::all_of(counters_, counters_ + count(),
                           [](const Counter *counter) { return counter->is_there; });
    }

    uint64 Run(Statement *statement) const {
        const Datum values[] = {FromText(kind_),    organizations_.Array(), starts_.Array(),
                                amounts_.Array(),   begins_.Array(),        ends_.Array(),
                                owners_[0].Array(), owners_[1].Array(),     owners_[2].Array(),
                                owners_[3].Array()};
        return statement->Run(Access::Write, values);
    }

    // Runs it and calls see(counter, value, is_null) for each row that it gives.
    template <typename See> void Each(Statement *statement, See see) const {
        const uint64 count = Run(statement);
        for (uint64 i = 0; i < count; i++) {
            Row row(i);
            const int64 place = DatumGetInt64(row.Next());
            bool is_null;
            const Datum value = row.Next(&is_null);
            see(counters_[place - 1], DatumGetInt64(value), is_null);
        }
    }

private:
    const char *kind_;
    Counter **counters_;
    Column organizations_;
    Column starts_;
    Column amounts_;
    Column begins_;
    Column ends_;
    Column owners_[QuotaKey::kMostOwners];
};

// Those of the counters for which that holds.
template <typename Which>
Asked
Select(const Quota &quota, const Counters &counters, Which which) {
    Asked asked(quota, counters.count);
    for (Counter &counter : counters)
        if (which(counter))
            asked.Add(&counter, counter.after);
    return asked;
}

void
LockThem(Quota &quota, const Counters &counters) {
    const Asked all = Select(quota, counters, [](const Counter &) { return true; });
    all.Each(&quota.lock, [](Counter *counter, int64 used, bool) {
        counter->is_there = true;
        counter->used = used;
    });
}

[[noreturn]] void
RefuseWrong() {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "a row of \"quota_usage\" was not written as it follows from the rows that it counts",
            .hint = "A row trigger on \"quota_usage\" changes or drops rows; remove it.",
            .table = kUsage,
            .constraint = "quota_usage_used_follows"});
}

// Makes those that are missing and gain something. A period that ended more than a day ago is history.
void
OpenMissing(Quota &quota, const Counters &counters) {
    const TimestampTz oldest = GetCurrentTimestamp() - USECS_PER_DAY;
    const Asked missing = Select(quota, counters, [oldest](const Counter &counter) {
        return !counter.is_there && counter.by > 0 && counter.ends > oldest;
    });
    if (missing.count() == 0)
        return;
    {
        const DerivedWrite writing({TableOid(kUsage)});
        missing.Run(&quota.open);
    }
    LockThem(quota, counters);
    if (!missing.AreThere())
        RefuseWrong();
}

// What the statement makes of those that are there.
void
Count(Quota &quota, const Counters &counters) {
    for (Counter &counter : counters)
        counter.after = std::max<int64>(Sum(counter.used, counter.by), 0);
    if (!quota.has_heirs)
        return;
    const Asked from_rows = Select(quota, counters, [](const Counter &counter) { return counter.is_there; });
    from_rows.Each(&quota.count,
                   [](Counter *counter, int64 total, bool) { counter->after = std::max<int64>(total, 0); });
}

// The first counter that would go beyond what is allowed.
const Counter *
FindTooMuch(Quota &quota, const Counters &counters) {
    const Asked gaining = Select(quota, counters, [](const Counter &counter) {
        return counter.is_there && counter.after > counter.used;
    });
    if (gaining.count() == 0)
        return nullptr;
    gaining.Each(&quota.find_limits, [](Counter *counter, int64 allowed, bool is_null) {
        counter->allowed = is_null ? PG_INT64_MAX : allowed;
    });
    const Counter *found = std::find_if(counters.begin(), counters.end(), [](const Counter &counter) {
        return counter.is_there && counter.after > counter.used && counter.after > counter.allowed;
    });
    return found == counters.end() ? nullptr : found;
}

void
WriteThem(Quota &quota, const Counters &counters) {
    const Asked changed = Select(quota, counters, [](const Counter &counter) {
        return counter.is_there && counter.after != counter.used;
    });
    if (changed.count() == 0)
        return;
    const DerivedWrite writing({TableOid(kUsage)});
    const uint64 written = changed.Run(&quota.write);
    if (written != static_cast<uint64>(changed.count()))
        RefuseWrong();
    for (uint64 i = 0; i < written; i++)
        if (!DatumGetBool(Field(i, 1)))
            RefuseWrong();
}

TooMuch
AddToMany(Quota &quota, const QuotaNet &net, Zones *zones, Excess excess) {
    const Counters counters = CountersOf(quota, net, zones);
    LockThem(quota, counters);
    OpenMissing(quota, counters);
    Count(quota, counters);
    const Counter *too_much = excess == Excess::IsMoved ? nullptr : FindTooMuch(quota, counters);
    if (too_much != nullptr)
        return {true,
                *too_much->key,
                too_much->allowed,
                too_much->used,
                too_much->after - too_much->used,
                too_much->ends};
    WriteThem(quota, counters);
    return {};
}

// The same where there is one counter and nobody who changes what is written; false where its row is not
// there.
bool
AddToOne(Quota &quota, const DifferenceOf<QuotaKey> &difference, Zones *zones, TooMuch *much) {
    const QuotaKey &key = difference.row;
    const Datum values[] = {FromText(quota.kind),       FromUuid(key.organization),
                            DateADTGetDatum(key.start), Int64GetDatum(difference.by),
                            FromUuid(key.owners[0]),    FromUuid(key.owners[1]),
                            FromUuid(key.owners[2]),    FromUuid(key.owners[3])};
    const DerivedWrite writing({TableOid(kUsage)});
    if (difference.by < 0)
        return quota.lose_one.Run(Access::Write, values) > 0;
    if (quota.gain_one.Run(Access::Write, values) == 0)
        return false;
    bool is_unlimited;
    const int64 after = DatumGetInt64(Field(0, 1));
    const int64 allowed = DatumGetInt64(Field(0, 2, &is_unlimited));
    if (is_unlimited || after <= allowed)
        return true;
    const TimestampTz ends =
        quota.is_periodic() ? PeriodEnd(quota.period, key.start, zones->Of(key.organization)) : DT_NOEND;
    *much = {true, key, allowed, after - difference.by, difference.by, ends};
    return true;
}

} // namespace

TooMuch
AddToUsage(Quota &quota, QuotaNet *net, Zones *zones, Excess excess) {
    net->Settle(quota.has_heirs);
    if (net->begin() == net->end())
        return {};
    TooMuch much;
    const bool is_simple =
        net->end() - net->begin() == 1 && !quota.has_heirs && !RowsMayChange(kUsage, TriggerSpec::Update);
    if (is_simple && excess == Excess::IsRefused &&
        (AddToOne(quota, *net->begin(), zones, &much) || net->begin()->by < 0))
        return much;
    return AddToMany(quota, *net, zones, excess);
}

Nullable
FindAllowed(Quota &quota, const QuotaKey &key) {
    Counter counter = {&key, 0};
    Asked asked(quota, 1);
    asked.Add(&counter, 0);
    Nullable allowed;
    asked.Each(&quota.find_limits, [&allowed](Counter *, int64 limit, bool is_null) {
        allowed = {Int64GetDatum(limit), is_null};
    });
    return allowed;
}

void
RecountUsage(Quota &quota, const Uuid *organization) {
    const Parameters parameters = {FromText(quota.kind), UuidOrNull(organization)};
    const DerivedWrite writing({TableOid(kUsage)});
    quota.close_all.Run(Access::Write, parameters);
    quota.open_all.Run(Access::Write, parameters);
}

} // namespace laurel::guards
