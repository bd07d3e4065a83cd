// Claims: due deliveries are leased to a worker and become messages.

#include "deliveries/cancel.h"
#include "deliveries/errors.h"
#include "deliveries/leases.h"
#include "deliveries/messages.h"
#include "deliveries/pick.h"
#include "deliveries/portions.h"
#include "deliveries/put_back.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/halving.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

using notifications::Templates;

namespace {

constexpr int kMostRows = 10000;
constexpr TimestampTz kReclaimEvery = USECS_PER_SEC;

// So many deliveries that come to no message are enough for one claim: what is due since it began is waiting.
constexpr int kMostInVain = 5000;

// Once the messages of a claim are so long, the rest stays in the queue: whoever claims holds them in memory.
constexpr size_t kManyBytes = 8 * 1024 * 1024;

Statement find_worker = Statement("SELECT mail_from FROM ONLY laurel.workers WHERE worker_id = $1", UUIDOID)
                            .Returns(TEXTOID)
                            .Generic();

Statement insert_lease =
    Statement(R"(INSERT INTO laurel.delivery_leases (token, worker_id, lease_until, remaining)
        VALUES ($1, $2, $3, $4))",
              UUIDOID, UUIDOID, TIMESTAMPTZOID, INT4OID)
        .Generic();

// When this session looks for leases that have ended.
constinit TimestampTz reclaim_at = 0;

[[noreturn]] void
BadArgument(const char *message, const char *hint = nullptr) {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = message, .hint = hint});
}

int
MaxRows(FunctionCallInfo fcinfo) {
    const int rows = DatumGetInt32(Required(fcinfo, 1, "max_rows"));
    if (rows < 1 || rows > kMostRows)
        BadArgument("max_rows must be between 1 and 10000");
    return rows;
}

void
WantChannel(std::string_view name, bool *wanted) {
    const int channel = notifications::ChannelNamed(name);
    if (channel == notifications::kChannels)
        BadArgument(psprintf("there is no channel \"%s\"", CString(name)),
                    "Channels are email, push and webhook.");
    wanted[channel] = true;
}

// The channels asked for; all of them where none is named.
void
WantChannels(FunctionCallInfo fcinfo, bool *wanted) {
    if (PG_ARGISNULL(3)) {
        std::fill(wanted, wanted + notifications::kChannels, true);
        return;
    }
    Datum *names;
    bool *nulls;
    int count;
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(3), TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
    for (int i = 0; i < count; i++)
        WantChannel(nulls[i] ? std::string_view() : ToText(names[i]), wanted);
}

// The elements of an array argument; none where it is null.
struct Elements {
    Datum *values = nullptr;
    bool *nulls = nullptr;
    int count = 0;
};

Elements
ElementsOf(FunctionCallInfo fcinfo, int number, Oid type) {
    Elements elements;
    if (PG_ARGISNULL(number))
        return elements;
    int16 length;
    bool by_value;
    char alignment;
    get_typlenbyvalalign(type, &length, &by_value, &alignment);
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), type, length, by_value, alignment, &elements.values,
                      &elements.nulls, &elements.count);
    return elements;
}

int
PortionChannel(const Elements &channels, int row) {
    bool wanted[notifications::kChannels] = {};
    WantChannel(channels.nulls[row] ? std::string_view() : ToText(channels.values[row]), wanted);
    return static_cast<int>(std::find(wanted, std::end(wanted), true) - wanted);
}

// What an organization may have of a channel; without an organization, what each one may have.
void
ReadPortions(FunctionCallInfo fcinfo, Portions *portions) {
    const Elements channels = ElementsOf(fcinfo, 4, TEXTOID), organizations = ElementsOf(fcinfo, 5, UUIDOID),
                   rows = ElementsOf(fcinfo, 6, INT4OID);
    if (channels.count != organizations.count || channels.count != rows.count)
        BadArgument("the portions' channels, organizations and rows must be as many");
    for (int row = 0; row < channels.count; row++) {
        const int channel = PortionChannel(channels, row);
        if (rows.nulls[row] || DatumGetInt32(rows.values[row]) < 0)
            BadArgument("a portion must be 0 or more");
        const int most = DatumGetInt32(rows.values[row]);
        if (organizations.nulls[row])
            portions->SetEach(channel, most);
        else
            portions->Set(channel, ToUuid(organizations.values[row]), most);
    }
}

Uuid
NewToken() {
    Uuid token;
    if (!pg_strong_random(token.bytes, sizeof(token.bytes)))
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
    token.bytes[6] = (token.bytes[6] & 0x0F) | 0x40;
    token.bytes[8] = (token.bytes[8] & 0x3F) | 0x80;
    return token;
}

// Where its mail comes from.
std::string_view
RequireWorker(Datum worker) {
    if (find_worker.Run(Access::Write, worker) > 0) {
        bool is_null;
        const Datum mail_from = Field(0, 1, &is_null);
        return is_null ? std::string_view() : CString(ToText(mail_from));
    }
    Refuse({.sqlstate = kConflict,
            .message = "the worker is not registered",
            .hint = "Call laurel_internal.register_worker() first."});
}

void
ReclaimSometimes(TimestampTz now) {
    if (now < reclaim_at && reclaim_at <= now + kReclaimEvery)
        return;
    ReclaimEnded(now);
    reclaim_at = now + kReclaimEvery;
}

// What is allocated in a scope, row after row in the same place. An error frees it with its parent.
class RowMemory {
public:
    RowMemory()
        : memory_(AllocSetContextCreate(CurrentMemoryContext, "laurel message", 0, kKept, 8 * 1024 * 1024)) {
        before_ = MemoryContextSwitchTo(memory_);
    }
    RowMemory(const RowMemory &) = delete;
    RowMemory &operator=(const RowMemory &) = delete;
    ~RowMemory() {
        MemoryContextSwitchTo(before_);
        MemoryContextDelete(memory_);
    }

    // Frees the last row's. SPI leaves its own context behind, so this one is entered again.
    void Reset() const {
        MemoryContextReset(memory_);
        MemoryContextSwitchTo(memory_);
    }

private:
    static constexpr Size kKept = 64 * 1024;

    MemoryContext memory_;
    MemoryContext before_;
};

// Adds a message to the function's result.
void
Return(const ReturnSetInfo *result, const Uuid &token, const Leased &delivery, Jsonb *message) {
    const auto copy = [&](Leased::Column column) { return delivery.values[column]; };
    Datum values[] = {copy(Leased::Id),           FromUuid(token),
                      copy(Leased::Channel),      Int32GetDatum(DatumGetInt16(copy(Leased::Attempts))),
                      copy(Leased::Organization), copy(Leased::Notification),
                      copy(Leased::Endpoint),     copy(Leased::DueAt),
                      JsonbPGetDatum(message)};
    bool nulls[] = {false,
                    false,
                    false,
                    false,
                    false,
                    delivery.nulls[Leased::Notification],
                    delivery.nulls[Leased::Endpoint],
                    false,
                    false};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

// What becomes of the deliveries of a claim.
struct Sorted {
    Cancelled *cancelled;
    int cancelled_count = 0;
    PutBack *put_back;
    int put_back_count = 0;
    int messages = 0;
    size_t bytes = 0;

    explicit Sorted(int count) : cancelled(NewList<Cancelled>(count)), put_back(NewList<PutBack>(count)) {}

    void Cancel(const Uuid &delivery, const char *reason) {
        cancelled[cancelled_count++] = {delivery, reason};
    }
    void Keep(const Uuid &delivery, TimestampTz due_at, const char *waits = nullptr) {
        put_back[put_back_count++] = {delivery, due_at, waits, false};
    }
    void Bury(const Uuid &delivery, TimestampTz due_at, const char *reason) {
        put_back[put_back_count++] = {delivery, due_at, reason, true};
    }
};

// Returns whether something was written.
bool
Sort(const ReturnSetInfo *result, const Claim &claim, const Leased &delivery, Templates *templates,
     Sorted *sorted) {
    const Uuid id = ToUuid(delivery.values[Leased::Id]);
    const TimestampTz due_at = DatumGetTimestampTz(delivery.values[Leased::DueAt]);
    if (sorted->bytes > kManyBytes) {
        sorted->Keep(id, due_at);
        return false;
    }
    const Message message = MessageOf(delivery, claim, templates);
    if (message.cancelled != nullptr) {
        sorted->Cancel(id, message.cancelled);
    } else if (message.dead != nullptr) {
        sorted->Bury(id, due_at, message.dead);
    } else if (message.json == nullptr) {
        sorted->Keep(id, message.waits_until, message.waits);
    } else {
        Return(result, claim.token, delivery, message.json);
        sorted->messages++;
        sorted->bytes += VARSIZE(message.json);
    }
    return message.has_written || delivery.IsLetter();
}

// What was no message is no part of its organization's portion.
void
GiveBackPortion(const Claim &claim, const Leased &delivery) {
    claim.portions->Take(notifications::ChannelNamed(ToText(delivery.values[Leased::Channel])),
                         ToUuid(delivery.values[Leased::Organization]), -1);
}

// Why there is no message, in memory that lasts as long as the claim.
const char *
WhyNone(const ErrorData &error, MemoryContext lasting) {
    const MemoryContext before = MemoryContextSwitchTo(lasting);
    const char *said = error.message == nullptr ? "" : error.message;
    const char *why =
        CString(LoggedError(psprintf("no message: %s (%s)", said, unpack_sql_state(error.sqlerrcode))));
    MemoryContextSwitchTo(before);
    return why;
}

// Sorts the deliveries one by one in a subtransaction. One for which something was written, a letter or a
// digest that left something out, ends it, so that an error undoes nothing: those before the one that raised
// it are sorted, and the next subtransaction goes on after it. What such a failure costs is its own.
void
SortAll(const ReturnSetInfo *result, const Claim &claim, const Leased *rows, int count, Sorted *sorted) {
    const MemoryContext lasting = CurrentMemoryContext;
    const RowMemory memory;
    for (int next = 0; next < count;) {
        ErrorData *error = InSubtransaction([&] {
            Templates templates;
            for (bool has_written = false; next < count && !has_written; next++) {
                memory.Reset();
                const int before = sorted->messages;
                has_written = Sort(result, claim, rows[next], &templates, sorted);
                if (sorted->messages == before)
                    GiveBackPortion(claim, rows[next]);
            }
        });
        if (error == nullptr)
            continue;
        if (ConcernsAll(error->sqlerrcode))
            ReThrowError(error);
        sorted->Bury(ToUuid(rows[next].values[Leased::Id]),
                     DatumGetTimestampTz(rows[next].values[Leased::DueAt]), WhyNone(*error, lasting));
        GiveBackPortion(claim, rows[next]);
        next++;
    }
}

// Makes messages of what is leased under the token and puts back or cancels the rest; returns how many
// messages there are.
int
ReturnMessages(const ReturnSetInfo *result, const Claim &claim) {
    Leased *rows;
    const int count = ReadLeased(claim.token, claim.now, &rows);
    Sorted sorted(count);
    SortAll(result, claim, rows, count, &sorted);
    if (sorted.cancelled_count > 0)
        CancelDeliveries(claim.token, claim.now, sorted.cancelled, sorted.cancelled_count);
    if (sorted.put_back_count > 0)
        PutBackDeliveries(claim.token, claim.now, sorted.put_back, sorted.put_back_count);
    return sorted.messages;
}

// Goes on while nothing that is due is handed out.
int
LeaseMessages(const ReturnSetInfo *result, const Claim &claim, int max_rows) {
    int messages = 0, leased = 0, in_vain = 0;
    do {
        CHECK_FOR_INTERRUPTS();
        leased = LeaseDue(claim, max_rows);
        if (leased > 0)
            messages = ReturnMessages(result, claim);
        in_vain += leased;
    } while (leased > 0 && messages == 0 && in_vain < kMostInVain);
    return messages;
}

} // namespace

// laurel_internal.claim_deliveries(worker, max_rows, lease, channels, portion_channels,
// portion_organizations, portion_rows)
LAUREL_FUNCTION(laurel_claim_deliveries) {
    const Datum worker = Required(fcinfo, 0, "worker");
    const int max_rows = MaxRows(fcinfo);
    Portions portions;
    Claim claim = {.token = NewToken(), .now = GetCurrentTimestamp(), .wanted = {}, .portions = &portions};
    const TimestampTz lease_until = LeaseEnd(claim.now, Required(fcinfo, 2, "lease"));
    WantChannels(fcinfo, claim.wanted);
    ReadPortions(fcinfo, &portions);
    InitMaterializedSRF(fcinfo, 0);
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const AsOwner owner(OwnerOf(TableOid("notification_deliveries")));
    const SpiConnection spi;
    claim.mail_from = RequireWorker(worker);
    ReclaimSometimes(claim.now);
    const int messages = LeaseMessages(result, claim, max_rows);
    const Datum lease[] = {FromUuid(claim.token), worker, TimestampTzGetDatum(lease_until),
                           Int32GetDatum(messages)};
    if (messages > 0)
        insert_lease.Write(lease);
    return static_cast<Datum>(0);
}

} // namespace laurel::deliveries
