// Entries of the ledger are no events: they would be one more row for each. Where somebody in an
// organization looks at points_earned, an INSERT into the ledger tells one for each account.

#include "rules/points_earned.h"

#include "points/posting.h"
#include "postgres/column.h"
#include "postgres/owner.h"
#include "rules/asked_events.h"

namespace laurel::rules {

namespace {

constexpr std::string_view kPointsEarned = "points_earned";

// What comes from another account of the same person was earned there.
Statement tell_points = Statement(R"(
    INSERT INTO laurel.domain_events (organization_id, user_id, type, data, occurred_at)
    SELECT b.organization_id, b.user_id, 'points_earned', pg_catalog.jsonb_build_object('amount', e.amount,
        'entries', e.entries, 'balance', e.balance, 'transaction_type', e.transaction_type), e.at
    FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3)) b (organization_id, user_id, first_no),
        LATERAL (SELECT pg_catalog.sum(l.amount)::bigint AS amount, pg_catalog.count(*) AS entries,
                (pg_catalog.array_agg(l.balance_after ORDER BY l.entry_no DESC))[1] AS balance,
                CASE pg_catalog.count(DISTINCT l.transaction_type) WHEN 1 THEN pg_catalog.min(l.transaction_type) END AS transaction_type,
                pg_catalog.max(l.occurred_at) AS at
            FROM ONLY laurel.points_ledger l
            WHERE l.organization_id = b.organization_id AND l.user_id = b.user_id AND l.entry_no >= b.first_no
                AND l.amount > 0 AND l.transaction_type <> 'account_merged') e
    WHERE e.amount > 0 ORDER BY 1, 2)",
                                  UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID);

void
TellPoints(const points::Booked *booked, int count) {
    Column organizations(UUIDOID, count), users(UUIDOID, count), first_numbers(INT8OID, count);
    for (int i = 0; i < count; i++) {
        if (!IsAskedFor(booked[i].key.organization, kPointsEarned))
            continue;
        organizations.Add(FromUuid(booked[i].key.organization));
        users.Add(FromUuid(booked[i].key.user));
        first_numbers.Add(Int64GetDatum(booked[i].first_no));
    }
    if (organizations.count() == 0)
        return;
    const AsOwner owner(OwnerOf(TableOid("domain_events")));
    const SpiConnection spi;
    tell_points.Run(Access::Write, {organizations.Array(), users.Array(), first_numbers.Array()});
}

} // namespace

void
InitPointsEarned() {
    points::ListenToBookings(TellPoints);
}

} // namespace laurel::rules
