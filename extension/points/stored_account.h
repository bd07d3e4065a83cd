// What the database says of an account, to be compared with its entries.
#pragma once

#include "points/verifier.h"

namespace laurel::points {

// What ReadStored reads, of rows `p` of user_points, `d` of departed_accounts and `a` of archived_accounts,
// any of which may be missing.
constexpr SqlText kStoredColumns = Sql<R"(coalesce(p.organization_id, d.organization_id, a.organization_id),
        coalesce(p.user_id, d.user_id, a.user_id), coalesce(a.entries, 0), d.user_id IS NOT NULL,
        d.last_entry_no, d.total_points, d.last_entry_hash, (SELECT coalesce(pg_catalog.sum(h.amount), 0)::pg_catalog.int8
        FROM ONLY laurel.point_holds h WHERE h.user_id = p.user_id AND h.organization_id = p.organization_id AND h.status = 'held'),
        p.user_id IS NOT NULL, p.current_streak, p.longest_streak, p.last_activity_date, {1})",
                                       kAccountFields>;

// The types of kStoredColumns, of which kAccountTypes are the last.
constexpr Oid kStoredTypes[] = {UUIDOID,  UUIDOID, INT8OID, BOOLOID, INT8OID, INT8OID,
                                BYTEAOID, INT8OID, BOOLOID, INT4OID, INT4OID, DATEOID};

// Points into the result.
StoredAccount ReadStored(Row row);

} // namespace laurel::points
