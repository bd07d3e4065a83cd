#include "deliveries/attempt_log.h"

#include "kernel/redaction.h"
#include "postgres/column.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/tid_plans.h"

namespace laurel::deliveries {

namespace {

constexpr int kMaxError = 500;
constexpr size_t kMostRead = 20'000; // of an error, as much as the worker keeps of an answer

Statement create_partition = Statement("SELECT laurel_internal.create_month_partitions($1, 1)", REGCLASSOID)
                                 .Returns(INT4OID)
                                 .Generic();

Statement insert_attempts =
    Statement("INSERT INTO laurel.delivery_attempts (finished_at, delivery_id, organization_id, "
              "notification_id, user_id, attempt,"
              "  channel, duration_ms, latency_ms, status_code, outcome, error)"
              " SELECT $1, a.delivery_id, a.organization_id, a.notification_id, a.user_id, "
              "a.attempt, a.channel, a.duration_ms,"
              "  a.latency_ms, a.status_code, a.outcome, a.error FROM ended_attempts a",
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

Statement insert_batch =
    Statement(
        "INSERT INTO laurel.delivery_batches (finished_at, channel, delivered, retried, dead, cancelled,"
        " latency_buckets, latency_counts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        TIMESTAMPTZOID, TEXTOID, INT4OID, INT4OID, INT4OID, INT4OID, INT2ARRAYOID, INT4ARRAYOID)
        .Generic();

// What was told: notifications that have gone meanwhile were not.
Statement read_items =
    Statement("SELECT i.delivery_id, i.notification_id FROM ONLY laurel.digest_items i"
              " WHERE i.delivery_id = ANY ($1)"
              " AND EXISTS (SELECT FROM ONLY laurel.notifications n WHERE n.id = i.notification_id)"
              " ORDER BY i.delivery_id, i.notification_id",
              UUIDARRAYOID)
        .Returns(UUIDOID, UUIDOID)
        .Generic();

Statement forget_items =
    Statement("DELETE FROM ONLY laurel.digest_items WHERE delivery_id = ANY ($1)", UUIDARRAYOID).Generic();

#define ENDED_COLUMNS                                                                                        \
    "p.ctid, p.id, p.organization_id, p.notification_id, p.user_id, p.attempts, p.channel, p.due_at,"        \
    " p.endpoint_id, p.digest_key IS NOT NULL, p.max_attempts"

// One by one, so that no statistics make the planner read the table as often as there are ids.
Statement find_leased = Statement("SELECT d.* FROM pg_catalog.unnest($2) r (id) CROSS JOIN LATERAL"
                                  " (SELECT " ENDED_COLUMNS " FROM ONLY laurel.notification_deliveries p"
                                  "  WHERE p.id = r.id AND (p.lease_token = $1) IS TRUE LIMIT 1) d",
                                  UUIDOID, UUIDARRAYOID)
                            .Returns(TIDOID, UUIDOID, UUIDOID, UUIDOID, UUIDOID, INT2OID, TEXTOID,
                                     TIMESTAMPTZOID, UUIDOID, BOOLOID, INT2OID)
                            .Generic();

Statement read_lease = Statement("SELECT " ENDED_COLUMNS " FROM ONLY laurel.notification_deliveries p"
                                 " WHERE p.state = 'leased' AND p.lease_token = $1",
                                 UUIDOID)
                           .Returns(TIDOID, UUIDOID, UUIDOID, UUIDOID, UUIDOID, INT2OID, TEXTOID,
                                    TIMESTAMPTZOID, UUIDOID, BOOLOID, INT2OID)
                           .Generic();

Statement delete_rows =
    Statement("DELETE FROM ONLY laurel.notification_deliveries WHERE ctid = ANY ($1)", TIDARRAYOID).Generic();

// The month whose partition this session has seen, as year * 12 + month.
constinit int seen_month = 0;

// The buckets that are not empty, and what is in them.
struct Sparse {
    Datum buckets;
    Datum counts;

    explicit Sparse(const kernel::LatencyHistogram &histogram) {
        Column numbers(INT2OID, kernel::LatencyHistogram::kBuckets),
            sizes(INT4OID, kernel::LatencyHistogram::kBuckets);
        for (int bucket = 0; bucket < kernel::LatencyHistogram::kBuckets; bucket++) {
            if (histogram.count(bucket) == 0)
                continue;
            numbers.Add(Int16GetDatum(bucket));
            sizes.Add(Int32GetDatum(histogram.count(bucket)));
        }
        buckets = numbers.Array();
        counts = sizes.Array();
    }
};

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

// The rows of the last result.
EndedRows
RowsFound(uint64 count) {
    EndedRows rows = {static_cast<Ended *>(palloc_extended(sizeof(Ended) * (count + 1), MCXT_ALLOC_HUGE)),
                      static_cast<int>(count)};
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
    return RowsFound(read_lease.Run(Access::Write, &value));
}

void
DeleteEnded(const EndedRows &rows) {
    Column places(TIDOID, rows.count);
    for (int i = 0; i < rows.count; i++)
        places.Add(rows.list[i].values[Ended::Place]);
    const Datum value = places.Array();
    const TidPlans plans;
    if (delete_rows.Run(Access::Write, &value) != static_cast<uint64>(rows.count))
        ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                        errmsg("deliveries have changed meanwhile"), errhint("Say it again.")));
}

AttemptLog::AttemptLog(const EndedRows &rows, Digests digests) : rows_("ended_attempts", kAttemptColumns) {
    int digest_count;
    const Datum ids = DigestIds(rows, &digest_count);
    if (digest_count > 0) {
        const uint64 count = read_items.Run(Access::Write, &ids);
        items_ = static_cast<Item *>(palloc_extended(sizeof(Item) * (count + 1), MCXT_ALLOC_HUGE));
        for (uint64 row = 0; row < count; row++)
            items_[item_count_++] = {ToUuid(Field(row, 1)), ToUuid(Field(row, 2))};
        if (digests == Forget)
            forget_items.Run(Access::Write, &ids);
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
    const Datum value = TimestampTzGetDatum(now);
    if (rows_.count() > 0)
        rows_.Run(&insert_attempts, &value);
}

void
EnsurePartition(TimestampTz now) {
    pg_tm parts;
    fsec_t fraction;
    timestamp2tm(now, nullptr, &parts, &fraction, nullptr, nullptr);
    const int month = parts.tm_year * 12 + parts.tm_mon;
    if (month == seen_month)
        return;
    const Oid schema = get_namespace_oid("laurel", false);
    if (OidIsValid(get_relname_relid(psprintf("delivery_attempts_%04d_%02d", parts.tm_year, parts.tm_mon),
                                     schema))) {
        seen_month = month;
        return;
    }
    const Datum parent = ObjectIdGetDatum(TableOid("delivery_attempts"));
    create_partition.Run(Access::Write, &parent);
}

BatchSums &
Sums::Of(std::string_view channel) {
    return of[std::min(notifications::ChannelNamed(channel), notifications::kChannels - 1)];
}

void
Sums::Write(TimestampTz now) const {
    for (int channel = 0; channel < notifications::kChannels; channel++) {
        const BatchSums &sums = of[channel];
        if (sums.delivered + sums.retried + sums.dead + sums.cancelled == 0)
            continue;
        const Sparse latencies(sums.latencies);
        const Datum values[] = {TimestampTzGetDatum(now),
                                CStringGetTextDatum(notifications::kChannelNames[channel]),
                                Int32GetDatum(sums.delivered),
                                Int32GetDatum(sums.retried),
                                Int32GetDatum(sums.dead),
                                Int32GetDatum(sums.cancelled),
                                latencies.buckets,
                                latencies.counts};
        insert_batch.Run(Access::Write, values);
    }
}

void
CancelDeliveries(const Uuid &token, TimestampTz now, Cancelled *cancelled, int count) {
    const auto before = [](const Cancelled &a, const Cancelled &b) { return a.delivery < b.delivery; };
    Column ids(UUIDOID, count);
    std::sort(cancelled, cancelled + count, before);
    for (int i = 0; i < count; i++)
        ids.Add(FromUuid(cancelled[i].delivery));
    EnsurePartition(now);
    const EndedRows rows = FindLeased(token, ids.Array());
    DeleteEnded(rows);
    AttemptLog log(rows, AttemptLog::Forget);
    Sums sums;
    for (int i = 0; i < rows.count; i++) {
        const Ended &row = rows.list[i];
        log.Add(row,
                {.outcome = "cancelled",
                 .attempt = row.attempts() - 1,
                 .status = {},
                 .duration_ms = {},
                 .latency_ms = {},
                 .error = std::lower_bound(cancelled, cancelled + count, Cancelled{row.id(), nullptr}, before)
                              ->reason});
        sums.Of(ToText(row.values[Ended::Channel])).cancelled++;
    }
    log.Write(now);
    sums.Write(now);
}

bool
ConcernsAll(int sqlstate) {
    constexpr int kOwn[] = {ERRCODE_DATA_EXCEPTION, ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION,
                            ERRCODE_PROGRAM_LIMIT_EXCEEDED, ERRCODE_INTERNAL_ERROR, ERRCODE_PLPGSQL_ERROR};
    return std::find(std::begin(kOwn), std::end(kOwn), ERRCODE_TO_CATEGORY(sqlstate)) == std::end(kOwn);
}

std::string_view
LoggedError(std::string_view error) {
    StringInfoData out;
    initStringInfo(&out);
    kernel::Redact(error.substr(0, kMostRead), [&](std::string_view text) {
        appendBinaryStringInfo(&out, text.data(), static_cast<int>(text.size()));
    });
    const int length = out.len <= kMaxError ? out.len : pg_mbcliplen(out.data, out.len, kMaxError);
    return {out.data, static_cast<size_t>(length)};
}

double
Milliseconds(TimestampTz from, TimestampTz to) {
    return static_cast<double>(to - from) / 1000;
}

} // namespace laurel::deliveries
