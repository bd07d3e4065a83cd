#include "deliveries/attempt_log.h"

#include "guards/month_partitions.h"
#include "postgres/column.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

Statement insert_attempts =
    Statement(R"(INSERT INTO laurel.delivery_attempts (finished_at, delivery_id, organization_id,
        notification_id, user_id, attempt,
            channel, duration_ms, latency_ms, status_code, outcome, error)
        SELECT $1, a.delivery_id, a.organization_id, a.notification_id, a.user_id,
        a.attempt, a.channel, a.duration_ms,
            a.latency_ms, a.status_code, a.outcome, a.error FROM ended_attempts a)",
              TIMESTAMPTZOID)
        .Generic();

constexpr RowSetColumn kAttemptColumns[] = {{"delivery_id", UUIDOID},
                                            {"organization_id", UUIDOID},
                                            {"notification_id", UUIDOID},
                                            {"user_id", UUIDOID},
                                            {"attempt", INT2OID},
                                            {"channel", TEXTOID},
                                            {"duration_ms", FLOAT4OID},
                                            {"latency_ms", FLOAT4OID},
                                            {"status_code", INT4OID},
                                            {"outcome", TEXTOID},
                                            {"error", TEXTOID}};

// What was told: notifications that have gone meanwhile were not.
Statement read_items = Statement(R"(SELECT i.delivery_id, i.notification_id FROM ONLY laurel.digest_items i
        WHERE i.delivery_id = ANY ($1)
        AND EXISTS (SELECT FROM ONLY laurel.notifications n WHERE n.id = i.notification_id)
        ORDER BY i.delivery_id, i.notification_id)",
                                 UUIDARRAYOID)
                           .Returns(UUIDOID, UUIDOID)
                           .Generic();

Statement forget_items =
    Statement("DELETE FROM ONLY laurel.digest_items WHERE delivery_id = ANY ($1)", UUIDARRAYOID).Generic();

// Whose partition this session has seen.
constinit guards::SeenMonth seen_month;

Datum
DigestIds(const EndedRows &rows, int *count) {
    Column ids(UUIDOID, rows.count);
    for (int i = 0; i < rows.count; i++)
        if (rows.list[i].is_digest())
            ids.Add(rows.list[i].values[Ended::Id]);
    *count = ids.count();
    return ids.Array();
}

Datum
Float(const std::optional<float> &value) {
    return Float4GetDatum(value.value_or(0));
}

} // namespace

AttemptLog::AttemptLog(const EndedRows &rows, Digests digests) : rows_("ended_attempts", kAttemptColumns) {
    int digest_count;
    const Datum ids = DigestIds(rows, &digest_count);
    if (digest_count > 0) {
        const uint64 count = read_items.Run(Access::Write, ids);
        items_ = NewList<Item>(count);
        for (uint64 row = 0; row < count; row++)
            items_[item_count_++] = {ToUuid(Field(row, 1)), ToUuid(Field(row, 2))};
        if (digests == Forget)
            forget_items.Run(Access::Write, ids);
    }
}

void
AttemptLog::AddRow(const Ended &row, const Ending &ending, Datum notification) {
    const Datum values[] = {row.values[Ended::Id],
                            row.values[Ended::Organization],
                            notification,
                            row.values[Ended::User],
                            Int16GetDatum(ending.attempt),
                            row.values[Ended::Channel],
                            Float(ending.duration_ms),
                            Float(ending.latency_ms),
                            Int32GetDatum(ending.status.value_or(0)),
                            CStringGetTextDatum(ending.outcome),
                            ending.error.empty() ? 0 : FromText(ending.error)};
    const bool nulls[] = {false,
                          false,
                          false,
                          false,
                          false,
                          false,
                          !ending.duration_ms,
                          !ending.latency_ms,
                          !ending.status,
                          false,
                          ending.error.empty()};
    rows_.Add(values, nulls);
}

void
AttemptLog::Add(const Ended &row, const Ending &ending) {
    if (row.is_letter())
        return;
    const Item *const end = items_ + item_count_;
    const Item *item = end;
    if (row.is_digest())
        item = std::lower_bound(static_cast<const Item *>(items_), end, row.id(),
                                [](const Item &i, const Uuid &id) { return i.delivery < id; });
    if (item == end || !(item->delivery == row.id()))
        return AddRow(row, ending,
                      row.values[row.nulls[Ended::Notification] ? Ended::Id : Ended::Notification]);
    for (; item != end && item->delivery == row.id(); item++)
        AddRow(row, ending, FromUuid(item->notification));
}

void
AttemptLog::Write(TimestampTz now) {
    if (rows_.count() > 0)
        rows_.Run(&insert_attempts, TimestampTzGetDatum(now));
}

void
EnsurePartition(TimestampTz now) {
    guards::EnsureMonth(TableOid("delivery_attempts"), now, &seen_month);
}

double
Milliseconds(TimestampTz from, TimestampTz to) {
    return static_cast<double>(to - from) / 1000;
}

} // namespace laurel::deliveries
