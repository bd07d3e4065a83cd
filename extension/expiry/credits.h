// The SQL of what accounts have.
#pragma once

#include "postgres/sql.h"

namespace laurel::expiry {

// Points of an account `p` that its member could spend.
constexpr SqlText kFree = "(p.total_points - p.points_held)";

// A credit `c` that was not reversed: {1} says which. The reversal of an archived one may be in the ledger
// still, never the other way round.
constexpr SqlText kCredits = R"(
    SELECT c.id, c.user_id, c.entry_no, c.amount, c.occurred_at FROM ONLY laurel.points_ledger c
    WHERE {1} AND c.amount > 0 AND c.reverses_id IS NULL
        AND NOT EXISTS (SELECT FROM ONLY laurel.points_ledger r WHERE r.organization_id = c.organization_id AND r.reverses_id = c.id)
    UNION ALL
    SELECT c.id, c.user_id, c.entry_no, c.amount, c.occurred_at FROM laurel.points_ledger_archive c
    WHERE {2} AND c.amount > 0 AND c.reverses_id IS NULL
        AND NOT EXISTS (SELECT FROM ONLY laurel.points_ledger r WHERE r.organization_id = c.organization_id AND r.reverses_id = c.id)
        AND NOT EXISTS (SELECT FROM laurel.points_ledger_archive r WHERE r.organization_id = c.organization_id AND r.reverses_id = c.id))";

} // namespace laurel::expiry
