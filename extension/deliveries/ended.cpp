#include "deliveries/ended.h"

#include "postgres/column.h"
#include "postgres/spi.h"
#include "postgres/tid_plans.h"

namespace laurel::deliveries {

namespace {

constexpr SqlText kEndedColumns =
    R"(p.ctid, p.id, p.organization_id, p.notification_id, p.user_id, p.attempts, p.channel, p.due_at,
        p.endpoint_id, p.digest_key IS NOT NULL, p.max_attempts)";
constexpr Oid kEndedTypes[] = {TIDOID,  UUIDOID,        UUIDOID, UUIDOID, UUIDOID, INT2OID,
                               TEXTOID, TIMESTAMPTZOID, UUIDOID, BOOLOID, INT2OID};

// One by one, so that no statistics make the planner read the table as often as there are ids.
Statement find_leased = Statement(Sql<R"(SELECT d.* FROM pg_catalog.unnest($2) r (id) CROSS JOIN LATERAL
        (SELECT {1} FROM ONLY laurel.notification_deliveries p
        WHERE p.id = r.id AND (p.lease_token = $1) IS TRUE LIMIT 1) d)",
                                      kEndedColumns>,
                                  UUIDOID, UUIDARRAYOID)
                            .Returns(kEndedTypes)
                            .Generic();

Statement read_lease = Statement(Sql<R"(SELECT {1} FROM ONLY laurel.notification_deliveries p
        WHERE p.state = 'leased' AND p.lease_token = $1)",
                                     kEndedColumns>,
                                 UUIDOID)
                           .Returns(kEndedTypes)
                           .Generic();

Statement delete_rows =
    Statement("DELETE FROM ONLY laurel.notification_deliveries WHERE ctid = ANY ($1)", TIDARRAYOID).Generic();

// The rows of the last result.
EndedRows
RowsFound(uint64 count) {
    EndedRows rows = {NewList<Ended>(count), static_cast<int>(count)};
    for (uint64 row = 0; row < count; row++)
        Fields(row, std::size(rows.list[row].values), rows.list[row].values, rows.list[row].nulls);
    return rows;
}

} // namespace

EndedRows
FindLeased(const Uuid &token, Datum ids) {
    const Datum values[] = {FromUuid(token), ids};
    return RowsFound(find_leased.Run(Access::Write, values));
}

EndedRows
ReadLease(const Uuid &token) {
    const Datum value = FromUuid(token);
    return RowsFound(read_lease.Run(Access::Write, value));
}

void
DeleteEnded(const EndedRows &rows) {
    Column places(TIDOID, rows.count);
    for (int i = 0; i < rows.count; i++)
        places.Add(rows.list[i].values[Ended::Place]);
    const Datum value = places.Array();
    const TidPlans plans;
    if (delete_rows.Run(Access::Write, value) != static_cast<uint64>(rows.count))
        ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                        errmsg("deliveries have changed meanwhile"), errhint("Say it again.")));
}

} // namespace laurel::deliveries
