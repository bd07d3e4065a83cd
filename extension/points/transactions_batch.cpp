// laurel.record_points_transactions: many transactions in one statement, each account locked in order.

#include "access/caller.h"
#include "points/archived_keys.h"
#include "points/posting.h"
#include "points/transactions.h"
#include "postgres/array.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/json_elements.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::points {

namespace {

// One element of the array, and what became of it.
struct Item {
    Transaction transaction;
    int64 position; // from 1
    bool is_new;
    Datum id;
    int64 entry_no;
    int64 balance_after;
};

constexpr JsonKey kKeys[] = {{"user_id", &kJsonUuid},          {"amount", &kJsonInteger},
                             {"transaction_type", &kJsonText}, {"reference_type", &kJsonText},
                             {"reference_id", &kJsonUuid},     {"reason", &kJsonText},
                             {"metadata", &kJsonAny},          {"idempotency_key", &kJsonText},
                             {"occurred_at", &kJsonMoment},    {"organization_id", &kJsonUuid}};
constexpr JsonElements kElements = {"transactions", kKeys};

struct Batch {
    Item *items;
    Item **order; // by organization, user, position
    int count;
};

Statement parse =
    Statement(
        R"(SELECT i.user_id, i.amount, i.transaction_type, i.reference_type, i.reference_id, i.reason,
        coalesce(i.metadata, '{}'), i.idempotency_key, i.occurred_at,
        coalesce(i.organization_id, $2, u.organization_id), i.position
        FROM ROWS FROM (pg_catalog.jsonb_to_recordset($1) AS (user_id pg_catalog.uuid, amount
        pg_catalog.int8,
            transaction_type pg_catalog.text, reference_type pg_catalog.text, reference_id pg_catalog.uuid,
            reason pg_catalog.text, metadata pg_catalog.jsonb, idempotency_key pg_catalog.text,
            occurred_at pg_catalog.timestamptz, organization_id pg_catalog.uuid)) WITH ORDINALITY
            AS i (user_id, amount, transaction_type, reference_type, reference_id, reason, metadata,
        idempotency_key,  occurred_at, organization_id, position)
        LEFT JOIN ONLY laurel.users u ON u.id = i.user_id ORDER BY i.position)",
        JSONBOID, UUIDOID)
        .Returns(Transaction::kTypes, INT8OID);

Statement lock_in_order = Statement(R"(SELECT FROM ONLY laurel.user_points p
        JOIN (SELECT DISTINCT o, u FROM ROWS FROM (pg_catalog.unnest($1),
            pg_catalog.unnest($2)) a (o, u)) wanted
        ON p.organization_id = wanted.o AND p.user_id = wanted.u
        ORDER BY p.organization_id, p.user_id FOR NO KEY UPDATE OF p)",
                                    UUIDARRAYOID, UUIDARRAYOID)
                              .Custom();

// Which of these keys an entry has already; keys are null where an element has none.
Statement find_used = Statement(R"(SELECT a.i FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2))
        WITH ORDINALITY a (organization_id, key, i)
        JOIN ONLY laurel.points_ledger l ON l.organization_id = a.organization_id
        AND l.idempotency_key = a.key)",
                                UUIDARRAYOID, TEXTARRAYOID)
                          .Returns(INT8OID)
                          .Custom();

Statement find_archived =
    Statement(R"(SELECT a.i FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2))
        WITH ORDINALITY a (organization_id, key, i)
        JOIN ONLY laurel_internal.archived_keys k ON k.organization_id = a.organization_id
        AND k.idempotency_key = a.key)",
              UUIDARRAYOID, TEXTARRAYOID)
        .Returns(INT8OID)
        .Custom();

Statement insert_many =
    Statement(
        R"(INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reference_type, reference_id,
        reason, metadata, idempotency_key, occurred_at, organization_id, created_by)
        SELECT b.u, b.a, b.t, b.rt, b.ri, b.r, b.m, b.k, b.at, b.o, $11
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),
        pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7),
        pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10)) WITH ORDINALITY
        b (u, a, t, rt, ri, r, m, k, at, o, i) ORDER BY b.i RETURNING id, entry_no, balance_after)",
        UUIDARRAYOID, INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID, UUIDARRAYOID, TEXTARRAYOID, JSONBARRAYOID,
        TEXTARRAYOID, TIMESTAMPTZARRAYOID, UUIDARRAYOID, UUIDOID)
        .Returns(UUIDOID, INT8OID, INT8OID)
        .Custom();

void
NamePosition(void *argument) {
    ElementErrors::At(static_cast<const Item *>(argument)->position);
}

// Names the element in every error raised while it lives.
class AtElement {
public:
    explicit AtElement(Item *item) : context_{error_context_stack, NamePosition, item} {
        error_context_stack = &context_;
    }
    AtElement(const AtElement &) = delete;
    AtElement &operator=(const AtElement &) = delete;
    ~AtElement() { error_context_stack = context_.previous; }

private:
    ErrorContextCallback context_;
};

void
RequireFields(Item *item) {
    const AtElement here(item);
    constexpr struct {
        Transaction::Field field;
        const char *name;
    } required[] = {{Transaction::User, "user_id"},
                    {Transaction::Amount, "amount"},
                    {Transaction::Type, "transaction_type"}};
    for (const auto &one : required)
        if (item->transaction.fields[one.field].is_null)
            Refuse({.sqlstate = ERRCODE_NULL_VALUE_NOT_ALLOWED,
                    .message = psprintf("%s must be given", one.name)});
    if (item->transaction.fields[Transaction::Organization].is_null)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = psprintf("user %s does not exist",
                                    UuidText(ToUuid(item->transaction.fields[Transaction::User].value))),
                .table = "points_ledger",
                .constraint = "points_ledger_account_fkey"});
}

Batch
Parse(Datum array) {
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    const Uuid active = caller.organization;
    const uint64 rows =
        parse.Run(Access::Write, {array, Nullable(FromUuid(active), !caller.has_organization)});
    Batch batch = {NewList<Item>(rows), NewList<Item *>(rows), static_cast<int>(rows)};
    for (uint64 row = 0; row < rows; row++) {
        Item &item = batch.items[row];
        for (int field = 0; field < Transaction::kFields; field++)
            item.transaction.fields[field].value =
                Field(row, field + 1, &item.transaction.fields[field].is_null);
        item.position = DatumGetInt64(Field(row, Transaction::kFields + 1));
        item.is_new = true;
        RequireFields(&item);
        batch.order[row] = &item;
    }
    return batch;
}

// Parses the array. Which value cannot be read is looked for only when that has failed.
Batch
ParseOrName(Datum array) {
    ErrorData *error;
    try {
        return guard([array] { return Parse(array); });
    } catch (const PostgresError &caught) {
        error = caught.data();
    }
    RequireReadableValues(kElements, array);
    ReThrowError(error);
    pg_unreachable();
}

int
Compare(const Item &a, const Item &b, Transaction::Field field) {
    return std::memcmp(DatumGetPointer(a.transaction.fields[field].value),
                       DatumGetPointer(b.transaction.fields[field].value), UUID_LEN);
}

void
SortByAccount(const Batch &batch) {
    std::sort(batch.order, batch.order + batch.count, [](const Item *a, const Item *b) {
        const int organizations = Compare(*a, *b, Transaction::Organization);
        if (organizations != 0)
            return organizations < 0;
        const int users = Compare(*a, *b, Transaction::User);
        return users != 0 ? users < 0 : a->position < b->position;
    });
}

void
CheckPermission(const Batch &batch, Oid table) {
    for (int i = 0; i < batch.count; i++)
        if (i == 0 || Compare(*batch.order[i], *batch.order[i - 1], Transaction::Organization) != 0)
            access::RequireAdministrator(
                table, ToUuid(batch.order[i]->transaction.fields[Transaction::Organization].value),
                "record points");
}

// One field of all new items, or of all items, as an array.
Datum
FieldArray(const Batch &batch, Transaction::Field field, bool only_new) {
    Column column(Transaction::kTypes[field], batch.count);
    for (int i = 0; i < batch.count; i++) {
        if (only_new && !batch.order[i]->is_new)
            continue;
        const Nullable &value = batch.order[i]->transaction.fields[field];
        column.Add(value.value, value.is_null);
    }
    return column.Array();
}

void
LockAccounts(const Batch &batch) {
    const Datum values[] = {FieldArray(batch, Transaction::Organization, false),
                            FieldArray(batch, Transaction::User, false)};
    lock_in_order.Run(Access::Write, values);
}

// Marks the items that the last result names.
void
MarkRepeats(const Batch &batch, uint64 rows) {
    for (uint64 row = 0; row < rows; row++)
        batch.order[DatumGetInt64(Field(row, 1)) - 1]->is_new = false;
}

// Items whose key an entry has, or an earlier element of the array, are not new.
void
FindRepeats(const Batch &batch) {
    const Datum values[] = {FieldArray(batch, Transaction::Organization, false),
                            FieldArray(batch, Transaction::Key, false)};
    MarkRepeats(batch, find_used.Run(Access::Write, values));
    if (HasArchivedKeys())
        MarkRepeats(batch, find_archived.Run(Access::Write, values));
    auto **keyed = NewList<Item *>(batch.count);
    int count = 0;
    for (int i = 0; i < batch.count; i++)
        if (batch.items[i].is_new && !batch.items[i].transaction.fields[Transaction::Key].is_null)
            keyed[count++] = &batch.items[i];
    const auto key = [](const Item *item) {
        return ToText(item->transaction.fields[Transaction::Key].value);
    };
    std::sort(keyed, keyed + count, [key](const Item *a, const Item *b) {
        const int organizations = Compare(*a, *b, Transaction::Organization);
        if (organizations != 0)
            return organizations < 0;
        const int keys = key(a).compare(key(b));
        return keys != 0 ? keys < 0 : a->position < b->position;
    });
    for (int i = 1; i < count; i++)
        if (Compare(*keyed[i], *keyed[i - 1], Transaction::Organization) == 0 &&
            key(keyed[i]) == key(keyed[i - 1]))
            keyed[i]->is_new = false;
}

void
Take(Item *item, uint64 row) {
    item->id = Field(row, 1);
    item->entry_no = DatumGetInt64(Field(row, 2));
    item->balance_after = DatumGetInt64(Field(row, 3));
}

bool
RefersTo(const Item &item, const RefusedReference &refused) {
    const Nullable &type = item.transaction.fields[Transaction::ReferenceType],
                   &id = item.transaction.fields[Transaction::ReferenceId];
    return refused.is_known && !type.is_null && ToText(type.value) == refused.type &&
           (!refused.has_id || (!id.is_null && ToUuid(id.value) == refused.id));
}

// The first element that refers to what is not there.
void
NameReference(const Batch &batch) {
    const RefusedReference refused = TakeRefusedReference();
    const Item *end = batch.items + batch.count;
    const Item *item = std::find_if(static_cast<const Item *>(batch.items), end,
                                    [&](const Item &one) { return one.is_new && RefersTo(one, refused); });
    if (item != end)
        ElementErrors::At(item->position);
}

// Which element the row of an INSERT in the batch's order is.
void
NameRow(void *argument) {
    const auto *batch = static_cast<const Batch *>(argument);
    int64 row = RowBeingPosted();
    if (row == 0)
        NameReference(*batch);
    for (int i = 0; row > 0 && i < batch->count; i++)
        if (batch->order[i]->is_new && --row == 0)
            NamePosition(batch->order[i]);
}

void
InsertNew(const Batch &batch) {
    Parameters parameters;
    for (int field = 0; field < Transaction::kFields; field++)
        parameters.Add(FieldArray(batch, static_cast<Transaction::Field>(field), true));
    Uuid creator;
    parameters.Add({FromUuid(creator), !access::ClaimedUser(&creator)});
    TakeRefusedReference(); // of an earlier statement
    ErrorContextCallback context = {error_context_stack, NameRow, const_cast<Batch *>(&batch)};
    error_context_stack = &context;
    InsertUnlessUsed(insert_many, parameters);
    error_context_stack = context.previous;
    uint64 row = 0;
    for (int i = 0; i < batch.count; i++)
        if (batch.order[i]->is_new)
            Take(batch.order[i], row++);
}

void
FetchRepeats(const Batch &batch) {
    for (int i = 0; i < batch.count; i++) {
        Item &item = batch.items[i];
        if (item.is_new)
            continue;
        const AtElement here(&item);
        if (!FindEarlier(item.transaction))
            Refuse({.sqlstate = ERRCODE_T_R_SERIALIZATION_FAILURE,
                    .message = "the entry of an idempotency key was deleted meanwhile",
                    .hint = "Call again.",
                    .table = "points_ledger"});
        Take(&item, 0);
    }
}

void
Return(FunctionCallInfo fcinfo, const Batch &batch) {
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (int i = 0; i < batch.count; i++) {
        const Item &item = batch.items[i];
        Datum values[] = {Int64GetDatum(item.position), item.id, Int64GetDatum(item.entry_no),
                          Int64GetDatum(item.balance_after), BoolGetDatum(item.is_new)};
        bool nulls[] = {false, false, false, false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

void
RequireArray(Datum transactions) {
    constexpr JsonBounds bounds = {.levels = 34, .bytes = 64 * 1024 * 1024, .takes_arrays = true};
    const char *detail = BeyondBounds(transactions, bounds);
    if (detail == nullptr && JB_ROOT_IS_ARRAY(DatumGetJsonbP(transactions)))
        return;
    Refuse(
        {.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
         .message = "transactions must be a JSON array of objects",
         .detail = detail,
         .hint =
             "[{\"user_id\": \"…\", \"amount\": 10, \"transaction_type\": \"bonus\", \"reason\": \"…\"}]"});
}

void
Record(FunctionCallInfo fcinfo) {
    const Datum transactions = PG_GETARG_DATUM(0);
    RequireKnownKeys(kElements, transactions);
    const Oid table = TableOid("points_ledger");
    const SpiConnection spi;
    Batch batch;
    {
        const AsOwner owner(OwnerOf(table));
        batch = ParseOrName(transactions);
    }
    SortByAccount(batch);
    CheckPermission(batch, table);
    const AsOwner owner(OwnerOf(table));
    if (batch.count == 0)
        return;
    LockAccounts(batch);
    FindRepeats(batch);
    InsertNew(batch);
    FetchRepeats(batch);
    Return(fcinfo, batch);
}

} // namespace

LAUREL_FUNCTION(laurel_record_points_transactions) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    RequireArray(PG_GETARG_DATUM(0));
    ElementErrors::Named([fcinfo] { Record(fcinfo); });
    PG_RETURN_NULL();
}

} // namespace laurel::points
