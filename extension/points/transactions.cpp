// What clients call: record and reverse points, ask for a balance in the past.

#include "points/transactions.h"

#include "access/caller.h"
#include "access/organization.h"
#include "points/archived_keys.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/spi.h"

namespace laurel::points {

namespace {

constexpr const char *kKeyConstraint = "points_ledger_idempotency_key";
constexpr const char *kAccountConstraint = "points_ledger_account_fkey";
constexpr int kMaxTypeLength = 100; // characters, as points_ledger_transaction_type_check says

Statement lock_retried_account(
    "SELECT FROM ONLY laurel.user_points WHERE organization_id = $1 AND user_id = $2 FOR NO KEY UPDATE",
    UUIDOID, UUIDOID);

// Whether an earlier entry under the key says the same; occurred_at counts only where it is given again.
constexpr SqlText kSaysTheSame =
    R"(user_id = $1 AND amount = $2 AND transaction_type = $3
        AND reference_type IS NOT DISTINCT FROM $4 AND reference_id IS NOT DISTINCT FROM $5
        AND reason IS NOT DISTINCT FROM $6 AND metadata = coalesce($7, '{}')
        AND ($9 IS NULL OR occurred_at = $9))";

Statement find_earlier = Statement(Sql<R"(SELECT id, entry_no, balance_after, {1}
        FROM ONLY laurel.points_ledger WHERE organization_id = $10 AND idempotency_key = $8)",
                                       kSaysTheSame>,
                                   Transaction::kTypes)
                             .Returns(UUIDOID, INT8OID, INT8OID, BOOLOID);

Statement find_archived_earlier =
    Statement(
        Sql<R"(SELECT id, entry_no, balance_after, {1} FROM laurel.points_ledger_archive WHERE (organization_id, user_id, created_at, entry_no) =
        (SELECT k.organization_id, k.user_id, k.created_at, k.entry_no FROM ONLY
        laurel_internal.archived_keys k
        WHERE k.organization_id = $10 AND k.idempotency_key = $8))",
            kSaysTheSame>,
        Transaction::kTypes)
        .Returns(UUIDOID, INT8OID, INT8OID, BOOLOID);

Statement insert_entry =
    Statement(R"(INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reference_type,
        reference_id, reason,
        metadata, idempotency_key, occurred_at, organization_id, created_by)
        VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, '{}'), $8, $9, $10, $11) RETURNING id,
        entry_no, balance_after)",
              Transaction::kTypes, UUIDOID)
        .Returns(UUIDOID, INT8OID, INT8OID);

Statement find_entry =
    Statement(
        R"(SELECT organization_id, user_id, amount, transaction_type, occurred_at, reverses_id IS NOT NULL
        FROM ONLY laurel.points_ledger WHERE id = $1)",
        UUIDOID)
        .Returns(UUIDOID, UUIDOID, INT8OID, TEXTOID, TIMESTAMPTZOID, BOOLOID);
Statement find_archived_entry =
    Statement(
        R"(SELECT organization_id, user_id, amount, transaction_type, occurred_at, reverses_id IS NOT NULL
        FROM laurel.points_ledger_archive WHERE id = $1)",
        UUIDOID)
        .Returns(UUIDOID, UUIDOID, INT8OID, TEXTOID, TIMESTAMPTZOID, BOOLOID);

Statement insert_reversal =
    Statement(
        R"(INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, occurred_at,
        reverses_id,
        reason, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id, entry_no, balance_after)",
        UUIDOID, UUIDOID, INT8OID, TEXTOID, TIMESTAMPTZOID, UUIDOID, TEXTOID, UUIDOID)
        .Returns(UUIDOID, INT8OID, INT8OID);

Statement first_number =
    Statement(R"(SELECT entry_no FROM ONLY laurel.points_ledger WHERE organization_id = $1 AND user_id = $2
        ORDER BY organization_id, user_id, entry_no LIMIT 1)",
              UUIDOID, UUIDOID)
        .Returns(INT8OID);

Statement last_number =
    Statement(R"(SELECT entry_no FROM ONLY laurel.points_ledger WHERE organization_id = $1 AND user_id = $2
        ORDER BY organization_id DESC, user_id DESC, entry_no DESC LIMIT 1)",
              UUIDOID, UUIDOID)
        .Returns(INT8OID);

Statement entry_numbered = Statement(R"(SELECT created_at, balance_after FROM ONLY laurel.points_ledger
        WHERE organization_id = $1 AND user_id = $2 AND entry_no = $3)",
                                     UUIDOID, UUIDOID, INT8OID)
                               .Returns(TIMESTAMPTZOID, INT8OID);

Statement archived_balance = Statement(R"(SELECT balance_after FROM laurel.points_ledger_archive
        WHERE organization_id = $1 AND user_id = $2 AND created_at <= $3 ORDER BY
        created_at DESC, entry_no DESC LIMIT 1)",
                                       UUIDOID, UUIDOID, TIMESTAMPTZOID)
                                 .Returns(INT8OID);

// (entry_id, entry_no, balance_after, is_new) as the function's result row.
Datum
Result(FunctionCallInfo fcinfo, Datum id, Datum entry_no, Datum balance_after, bool is_new) {
    return ResultRow(fcinfo, {id, entry_no, balance_after, BoolGetDatum(is_new)});
}

// The result of the last statement, copied out of SPI.
Datum
ResultOfStatement(FunctionCallInfo fcinfo, MemoryContext context, bool is_new) {
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = Result(fcinfo, Field(0, 1), Field(0, 2), Field(0, 3), is_new);
    MemoryContextSwitchTo(old);
    return result;
}

// The arguments of laurel.record_points_transaction, which stand in the order of a transaction's fields.
Transaction
TransactionOf(FunctionCallInfo fcinfo) {
    Transaction transaction;
    for (int field = 0; field < Transaction::Organization; field++)
        transaction.fields[field] = Argument(fcinfo, field);
    return transaction;
}

void
Insert(const Transaction &transaction) {
    Uuid creator;
    Parameters parameters = transaction.fields;
    parameters.Add({FromUuid(creator), !access::ClaimedUser(&creator)});
    InsertUnlessUsed(insert_entry, parameters);
}

// The balance before the first entry that the ledger still holds.
int64
ArchivedBalance(const Uuid &organization, const Uuid &user, TimestampTz moment) {
    const Datum values[] = {FromUuid(organization), FromUuid(user), TimestampTzGetDatum(moment)};
    return archived_balance.Run(Access::Read, values) == 0 ? 0 : DatumGetInt64(Field(0, 1));
}

// Balance of an account at a moment: created_at ascends with entry_no, so the last entry up to then is found
// by halves.
int64
BalanceAt(const Uuid &organization, const Uuid &user, TimestampTz moment) {
    const Parameters account = {FromUuid(organization), FromUuid(user)};
    if (last_number.Run(Access::Read, account) == 0)
        return ArchivedBalance(organization, user, moment);
    int64 high = DatumGetInt64(Field(0, 1)) + 1;
    first_number.Run(Access::Read, account);
    const int64 archived = DatumGetInt64(Field(0, 1)) - 1;
    int64 low = archived; // known to be at or before the moment, or archived
    int64 balance = 0;
    while (high - low > 1) {
        const int64 middle = low + (high - low) / 2;
        if (entry_numbered.Run(Access::Read,
                               {FromUuid(organization), FromUuid(user), Int64GetDatum(middle)}) == 0)
            Refuse({.sqlstate = ERRCODE_DATA_CORRUPTED,
                    .message = psprintf("entry %lld of user %s is missing", static_cast<long long>(middle),
                                        UuidText(user)),
                    .hint = "laurel.verify_ledger() finds what is wrong with it.",
                    .table = "points_ledger"});
        if (DatumGetTimestampTz(Field(0, 1)) > moment) {
            high = middle;
            continue;
        }
        low = middle;
        balance = DatumGetInt64(Field(0, 2));
    }
    if (low == archived && archived > 0)
        return ArchivedBalance(organization, user, moment);
    return balance;
}

} // namespace

void
InsertUnlessUsed(Statement &insert, const Parameters &parameters) {
    ErrorData *error = nullptr;
    try {
        guard([&] { insert.Run(Access::Write, parameters); });
    } catch (const PostgresError &raised) {
        error = raised.data();
    }
    if (error == nullptr)
        return;
    if (error->sqlerrcode != ERRCODE_UNIQUE_VIOLATION || error->constraint_name == nullptr ||
        strcmp(error->constraint_name, kKeyConstraint) != 0)
        ReThrowError(error);
    Refuse({.sqlstate = kConflict,
            .message = "idempotency key was used for another transaction",
            .detail = "Another session used it for another account at the same time.",
            .hint = "Use a new key for a new transaction; send a retry unchanged.",
            .table = "points_ledger",
            .constraint = kKeyConstraint});
}

bool
FindEarlier(const Transaction &transaction) {
    if (find_earlier.Run(Access::Write, transaction.fields) == 0 &&
        (!HasArchivedKeys() || find_archived_earlier.Run(Access::Write, transaction.fields) == 0))
        return false;
    if (DatumGetBool(Field(0, 4)))
        return true;
    Refuse({.sqlstate = kConflict,
            .message = "idempotency key was used for another transaction",
            .detail = psprintf("Key \"%s\" belongs to entry %s.",
                               CString(ToText(transaction.fields[Transaction::Key].value)),
                               UuidText(ToUuid(Field(0, 1)))),
            .hint = "Use a new key for a new transaction; send a retry unchanged.",
            .table = "points_ledger",
            .constraint = kKeyConstraint});
}

LAUREL_FUNCTION(laurel_record_points_transaction) {
    Required(fcinfo, Transaction::User, "user_id");
    Required(fcinfo, Transaction::Amount, "amount");
    Required(fcinfo, Transaction::Type, "transaction_type");
    const MemoryContext context = CurrentMemoryContext;
    const Oid table = TableOid("points_ledger");
    const Uuid organization =
        access::OrganizationArgument(fcinfo, Transaction::Organization, table,
                                     ToUuid(PG_GETARG_DATUM(Transaction::User)), kAccountConstraint);
    access::RequireAdministrator(table, organization, "record points");
    Transaction transaction = TransactionOf(fcinfo);
    transaction.fields[Transaction::Organization] = FromUuid(organization);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    if (!transaction.fields[Transaction::Key].is_null) {
        lock_retried_account.Run(Access::Write, {transaction.fields[Transaction::Organization],
                                                 transaction.fields[Transaction::User]});
        if (FindEarlier(transaction))
            return ResultOfStatement(fcinfo, context, false);
    }
    Insert(transaction);
    return ResultOfStatement(fcinfo, context, true);
}

LAUREL_FUNCTION(laurel_reverse_points_transaction) {
    Required(fcinfo, 0, "entry_id");
    const MemoryContext context = CurrentMemoryContext;
    const Oid table = TableOid("points_ledger");
    const bool trusted = IsTrusted(table);
    Uuid creator;
    const bool has_creator = access::ClaimedUser(&creator);
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Datum id = PG_GETARG_DATUM(0);
    const bool found =
        find_entry.Run(Access::Write, id) > 0 || find_archived_entry.Run(Access::Write, id) > 0;
    if (!found || !(trusted || access::Administers(caller, ToUuid(Field(0, 1)))))
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = psprintf("there is no entry %s that you may reverse", UuidText(ToUuid(id))),
                .hint = "Only administrators of the entry's organization and service_role reverse entries.",
                .table = "points_ledger",
                .constraint = "points_ledger_reverses_id_fkey"});
    const Uuid organization = ToUuid(Field(0, 1));
    const Uuid user = ToUuid(Field(0, 2));
    const int64 amount = DatumGetInt64(Field(0, 3));
    const char *type = psprintf("%s_reversed", CString(ToText(Field(0, 4))));
    const int type_length = pg_mbcharcliplen(type, static_cast<int>(strlen(type)), kMaxTypeLength);
    const Parameters parameters = {FromUuid(organization),
                                   FromUuid(user),
                                   Int64GetDatum(-amount),
                                   FromText({type, static_cast<size_t>(type_length)}),
                                   Field(0, 5),
                                   id,
                                   Argument(fcinfo, 1),
                                   {FromUuid(creator), !has_creator}};
    insert_reversal.Write(parameters);
    return ResultOfStatement(fcinfo, context, true);
}

LAUREL_FUNCTION(laurel_balance_at) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_NULL();
    const Uuid user = ToUuid(PG_GETARG_DATUM(0));
    const Oid table = TableOid("points_ledger");
    const Uuid organization = access::OrganizationArgument(fcinfo, 2, table, user, kAccountConstraint);
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    const bool visible =
        caller.has_organization && caller.organization == organization && access::CanSee(caller, user);
    if (!IsTrusted(table) && !visible)
        Refuse(
            {.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
             .message = "not allowed to see this user's points",
             .hint = access::HintOr(
                 "Members see their own; trainers, managers and administrators those entrusted to them.")});
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    PG_RETURN_INT64(BalanceAt(organization, user, PG_GETARG_TIMESTAMPTZ(1)));
}

} // namespace laurel::points
