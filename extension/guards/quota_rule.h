// A quota: how much the rows of an owner may come to in a period.
#pragma once

#include "guards/condition.h"
#include "guards/net.h"
#include "guards/periods.h"
#include "guards/rules.h"
#include "postgres/own_lock.h"

namespace laurel::guards {

// Whose counter, and for which period: its first day. Owners that a quota does not have are zeros.
struct QuotaKey {
    static constexpr int kMostOwners = 4;

    Uuid organization;
    Uuid owners[kMostOwners];
    int32 start;
};

static_assert(sizeof(QuotaKey) == (1 + QuotaKey::kMostOwners) * sizeof(Uuid) + sizeof(int32));

using QuotaNet = NetOf<QuotaKey>;

// The arguments table, kind, owner, amount, period, allowed, counted, at, member of each trigger of a quota.
// The statements of many counters take kind and arrays of organizations, starts, amounts, begins, ends and of
// each of four owners; those of one counter kind, organization, start, amount and four owners.
struct Quota {
    static constexpr int kArguments = 9;

    explicit Quota(Arguments &arguments);

    bool is_periodic() const { return period != Period::Forever; }

    Oid role; // as which it acts
    Oid table;
    bool has_heirs; // tables that inherit from it, whose rows do not count
    TableName table_name;
    const char *kind;
    // Of a row that the trigger sees, which may be a partition's.
    GuardedColumn organization;
    GuardedColumn owners[QuotaKey::kMostOwners];
    int owner_count;
    int member; // which of the owners is a member; -1 where none is
    Amount amount;
    Period period;
    GuardedColumn at; // where there are periods
    Condition counted;

    Statement gain_one; // gives what is used then, and what is allowed
    Statement lose_one;
    Statement lock; // gives place and what is used
    Statement open;
    Statement count;       // gives place and what the rows come to
    Statement find_limits; // gives place and what is allowed
    Statement write;       // gives whether each was written as it should
    Statement close_all;   // of an organization, or of all for null
    Statement open_all;    // the same, from rows
    Statement find_wrong;
};

// Time zones of organizations, as long as the transaction lasts: until then nobody changes one that was read.
class Zones {
public:
    pg_tz *Of(const Uuid &organization);

private:
    Uuid organization_{};
    pg_tz *zone_ = nullptr;
};

// Adds what the rows of a transition table come to, each `by` times.
void AddRows(QuotaNet *net, const Quota &quota, Zones *zones, TupleDesc tuple_desc, Tuplestorestate *rows,
             int64 by);

} // namespace laurel::guards
