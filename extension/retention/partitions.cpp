// Drops months that are past as a whole, which costs the same however many rows they hold. A month with a
// held row is thinned row by row instead.

#include "retention/partitions.h"

#include "postgres/error.h"
#include "postgres/halving.h"
#include "postgres/list.h"
#include "postgres/spi.h"

namespace laurel::retention {

namespace {

// Where a partition ends.
constexpr SqlText kUpper = R"(pg_catalog.substring(pg_catalog.pg_get_expr({1}.relpartbound, {1}.oid),
        'TO \(''([^'']+)''\)')::pg_catalog.timestamptz)";

// Partitions that end at or before $2, oldest first, after partition $3: table, rows by the statistics,
// bytes.
Statement past_partitions =
    Statement(
        Sql<R"(SELECT c.oid, greatest(c.reltuples, 0)::pg_catalog.int8, pg_catalog.pg_total_relation_size(c.oid)
        FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = $1 AND c.relkind = 'r' AND {1} <= $2
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_class d WHERE d.oid = $3 AND {2} >= {1})
        ORDER BY {1})",
            Sql<kUpper, "c">, Sql<kUpper, "d">>,
        OIDOID, TIMESTAMPTZOID, OIDOID)
        .Returns(OIDOID, INT8OID, INT8OID);

struct Partition {
    Oid table;
    int64 rows;
    int64 bytes;
};

void
RequirePartitioned(const Policy &policy) {
    if (!policy.is_partitioned)
        Refuse({.sqlstate = ERRCODE_WRONG_OBJECT_TYPE,
                .message = psprintf("table \"%s\" is not partitioned", policy.table_name),
                .hint = "Its policy's action must be delete."});
}

uint64
FindPast(const Policy &policy, Oid after, long limit) {
    RequirePartitioned(policy);
    const Datum values[] = {ObjectIdGetDatum(policy.table), TimestampTzGetDatum(policy.cut_off),
                            ObjectIdGetDatum(after)};
    return past_partitions.Run(Access::Write, values, limit);
}

Partition
ReadPartition(uint64 number) {
    Row row(number);
    return {DatumGetObjectId(row.Next()), DatumGetInt64(row.Next()), DatumGetInt64(row.Next())};
}

bool
HasHeldRow(const Policy &policy, Oid partition) {
    if (policy.held == nullptr)
        return false;
    return RunDue(policy, psprintf("SELECT FROM ONLY %s t WHERE %s AND %s LIMIT 1", QuotedTable(partition),
                                   DueSql(policy, false), policy.held)) > 0;
}

int64
CountIn(const Policy &policy, Oid partition, const char *where) {
    RunDue(policy,
           psprintf("SELECT pg_catalog.count(*) FROM ONLY %s t WHERE %s", QuotedTable(partition), where));
    return DatumGetInt64(Field(0, 1));
}

// Drops a partition, unless it has become something else meanwhile. One that cannot go stays and is counted.
// False where there is nothing gone: the next one comes after it.
bool
Drop(const Policy &policy, const Partition &partition, Tally *tally) {
    LockRelationOid(policy.table, AccessExclusiveLock);
    if (!LockLeaf(policy, partition.table, AccessExclusiveLock))
        return false;
    const char *drop = psprintf("DROP TABLE %s", QuotedTable(partition.table));
    ErrorData *error = InSubtransaction([&] { RunDue(policy, drop); });
    if (error == nullptr) {
        tally->rows = partition.rows;
        tally->bytes = partition.bytes;
        tally->partitions = 1;
        return true;
    }
    if (EndsStep(error->sqlerrcode))
        ReThrowError(error);
    Fail(tally, *error);
    return false;
}

} // namespace

Tally
DropStep(const Policy &policy, BlockPass *pass, bool patient) {
    Tally tally;
    tally.more = true;
    if (!pass->Finished()) {
        TakeBlocks(policy, pass, patient, &tally);
        return tally;
    }
    if (FindPast(policy, pass->table, 1) == 0) {
        tally.more = false;
        return tally;
    }
    const Partition partition = ReadPartition(0);
    if (HasHeldRow(policy, partition.table)) {
        *pass = BeginPass(policy, partition.table);
        return tally;
    }
    if (!Drop(policy, partition, &tally))
        *pass = {.table = partition.table, .block = 0, .end = 0, .span = 0, .most = 0};
    return tally;
}

Tally
CountPartitions(const Policy &policy, bool only_held) {
    const uint64 count = FindPast(policy, InvalidOid, 0);
    auto *partitions = NewList<Partition>(count);
    for (uint64 i = 0; i < count; i++)
        partitions[i] = ReadPartition(i);
    Tally tally;
    for (uint64 i = 0; i < count; i++) {
        const Partition &partition = partitions[i];
        if (HasHeldRow(policy, partition.table)) {
            const char *held = psprintf("%s AND %s", DueSql(policy, false), policy.held);
            tally.held += CountIn(policy, partition.table, held);
            const int64 rows = only_held ? 0 : CountIn(policy, partition.table, FreeSql(policy, false));
            tally.rows += rows;
            tally.bytes += BytesOf(partition.table, rows);
            continue;
        }
        tally.rows += partition.rows;
        tally.bytes += partition.bytes;
        tally.partitions++;
    }
    return tally;
}

} // namespace laurel::retention
