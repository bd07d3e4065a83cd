// Drops months that are past as a whole, which costs the same however many rows they hold. A month with a
// held row is thinned row by row instead.

#include "postgres/error.h"
#include "postgres/spi.h"
#include "retention.h"

namespace laurel {

namespace {

// Partitions that end at or before $2, oldest first, after partition $3: table, rows by the statistics,
// bytes.
#define UPPER(partition)                                                                                     \
    "pg_catalog.substring(pg_catalog.pg_get_expr(" partition ".relpartbound, " partition ".oid),"            \
    " 'TO \\(''([^'']+)''\\)')::pg_catalog.timestamptz"

Statement past_partitions =
    Statement(
        "SELECT c.oid, greatest(c.reltuples, 0)::pg_catalog.int8, pg_catalog.pg_total_relation_size(c.oid)"
        " FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = $1 AND c.relkind = 'r' AND " UPPER(
            "c") " <= $2"
                 " AND NOT EXISTS (SELECT FROM pg_catalog.pg_class d WHERE d.oid = $3 AND " UPPER(
                     "d") " >= " UPPER("c") ")"
                                            " ORDER BY " UPPER("c"),
        OIDOID, TIMESTAMPTZOID, OIDOID)
        .Returns(OIDOID, INT8OID, INT8OID);

struct Partition {
    Oid table;
    int64 rows;
    int64 bytes;
};

void
RequirePartitioned(const RetentionPolicy &policy) {
    if (get_rel_relkind(policy.table) != RELKIND_PARTITIONED_TABLE)
        Refuse({.sqlstate = ERRCODE_WRONG_OBJECT_TYPE,
                .message = psprintf("table \"%s\" is not partitioned", policy.table_name),
                .hint = "Its policy's action must be delete."});
}

uint64
FindPast(const RetentionPolicy &policy, Oid after, long limit) {
    RequirePartitioned(policy);
    const Datum values[] = {ObjectIdGetDatum(policy.table), TimestampTzGetDatum(policy.cut_off),
                            ObjectIdGetDatum(after)};
    return past_partitions.Run(Access::Write, values, nullptr, limit);
}

Partition
ReadPartition(uint64 number) {
    Row row(number);
    return {DatumGetObjectId(row.Next()), DatumGetInt64(row.Next()), DatumGetInt64(row.Next())};
}

bool
HasHeldRow(const RetentionPolicy &policy, Oid partition) {
    if (!AnyHold(policy))
        return false;
    return RunDue(policy, psprintf("SELECT FROM %s t WHERE %s AND %s LIMIT 1", QuotedTable(partition),
                                   DueSql(policy, false), policy.held)) > 0;
}

int64
CountIn(const RetentionPolicy &policy, Oid partition, const char *not_held) {
    RunDue(policy, psprintf("SELECT pg_catalog.count(*) FROM %s t WHERE %s AND %s %s", QuotedTable(partition),
                            DueSql(policy, false), not_held, policy.held));
    return DatumGetInt64(Field(0, 1));
}

} // namespace

RetentionStep
DropStep(const RetentionPolicy &policy, const char *state, bool patient) {
    BlockPass pass = state == nullptr ? BlockPass{} : ParsePass(state);
    RetentionStep step;
    if (!pass.Finished()) {
        step.rows = TakeBlocks(policy, &pass, patient);
        step.bytes = BytesOf(pass.table, step.rows);
        step.next = pass.Text();
        return step;
    }
    if (FindPast(policy, pass.table, 1) == 0)
        return step;
    const Partition partition = ReadPartition(0);
    if (HasHeldRow(policy, partition.table)) {
        step.next = BeginPass(policy, partition.table).Text();
        return step;
    }
    const char *drop = psprintf("DROP TABLE %s", QuotedTable(partition.table));
    if (SPI_execute(drop, false, 0) < 0)
        elog(ERROR, "could not execute \"%s\"", drop);
    return {.rows = partition.rows, .bytes = partition.bytes, .partitions = 1, .next = pass.Text()};
}

RetentionStep
CountPartitions(const RetentionPolicy &policy, bool only_held) {
    const uint64 count = FindPast(policy, InvalidOid, 0);
    auto *partitions = static_cast<Partition *>(palloc(sizeof(Partition) * (count + 1)));
    for (uint64 i = 0; i < count; i++)
        partitions[i] = ReadPartition(i);
    RetentionStep step;
    for (uint64 i = 0; i < count; i++) {
        const Partition &partition = partitions[i];
        if (HasHeldRow(policy, partition.table)) {
            step.held += CountIn(policy, partition.table, "");
            const int64 rows = only_held ? 0 : CountIn(policy, partition.table, "NOT");
            step.rows += rows;
            step.bytes += BytesOf(partition.table, rows);
            continue;
        }
        step.rows += partition.rows;
        step.bytes += partition.bytes;
        step.partitions++;
    }
    return step;
}

} // namespace laurel
