// What clients call: points are held, taken and given free.

#include "holds/holds.h"

#include "access/caller.h"
#include "access/organization.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::holds {

namespace {

constexpr const char *kAccountConstraint = "point_holds_account_fkey";
constexpr const char *kKeyConstraint = "point_holds_idempotency_key";

// The order of laurel.hold_points's arguments.
enum Wish {
    User,
    Amount,
    Reason,
    ReferenceType,
    ReferenceId,
    ExpiresAt,
    Key,
    Type,
    Metadata,
    Organization,
    kFields
};

constexpr Oid kTypes[kFields] = {UUIDOID,        INT8OID, TEXTOID, TEXTOID,  UUIDOID,
                                 TIMESTAMPTZOID, TEXTOID, TEXTOID, JSONBOID, UUIDOID};

Statement lock_holder = Statement(R"(SELECT total_points, points_held FROM ONLY laurel.user_points
        WHERE organization_id = $1 AND user_id = $2 FOR NO KEY UPDATE)",
                                  UUIDOID, UUIDOID)
                            .Returns(INT8OID, INT8OID);

Statement find_held =
    Statement(R"(SELECT id, amount, user_id = $1 AND amount = $2 AND reason IS NOT DISTINCT FROM $3
            AND reference_type IS NOT DISTINCT FROM $4 AND reference_id IS NOT DISTINCT FROM $5
            AND ($6 IS NULL OR expires_at IS NOT DISTINCT FROM $6) AND transaction_type = $8 AND metadata = coalesce($9, '{}')
        FROM ONLY laurel.point_holds WHERE organization_id = $10 AND idempotency_key = $7)",
              kTypes)
        .Returns(UUIDOID, INT8OID, BOOLOID);

Statement insert_hold =
    Statement(R"(INSERT INTO laurel.point_holds (user_id, amount, reason, reference_type, reference_id,
            expires_at, idempotency_key, transaction_type, metadata, organization_id, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, '{}'), $10, $11, pg_catalog.clock_timestamp())
        ON CONFLICT (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id, amount)",
              kTypes, UUIDOID)
        .Returns(UUIDOID, INT8OID);

Statement find_hold =
    Statement("SELECT organization_id, user_id FROM ONLY laurel.point_holds WHERE id = $1", UUIDOID)
        .Returns(UUIDOID, UUIDOID);

Statement lock_hold = Statement(R"(SELECT status, amount, captured_amount, reference_type, expires_at,
            expires_at <= pg_catalog.clock_timestamp() FROM ONLY laurel.point_holds WHERE id = $1 FOR NO KEY UPDATE)",
                                UUIDOID)
                          .Returns(TEXTOID, INT8OID, INT8OID, TEXTOID, TIMESTAMPTZOID, BOOLOID);

Statement settle_hold = Statement(R"(UPDATE ONLY laurel.point_holds SET status = $2, captured_amount = $3
        WHERE id = $1 RETURNING status = $2 AND captured_amount IS NOT DISTINCT FROM $3)",
                                  UUIDOID, TEXTOID, INT8OID)
                            .Returns(BOOLOID);

// The entry is booked under a key that says the hold, by what tells of it.
Statement find_taken = Statement(R"(SELECT l.id, l.entry_no, l.balance_after
        FROM ONLY laurel.point_holds h JOIN ONLY laurel.points_ledger l ON l.organization_id = h.organization_id
            AND l.idempotency_key = h.transaction_type || ':' || h.id || ':' || h.user_id
        WHERE h.id = $1)",
                                 UUIDOID)
                           .Returns(UUIDOID, INT8OID, INT8OID);

Statement release_expired = Statement(R"(UPDATE ONLY laurel.point_holds SET status = 'expired' WHERE id IN (
            SELECT id FROM ONLY laurel.point_holds WHERE organization_id = $1 AND user_id = $2 AND status = 'held'
                AND expires_at <= pg_catalog.clock_timestamp() ORDER BY id FOR NO KEY UPDATE SKIP LOCKED))",
                                      UUIDOID, UUIDOID);

// What an account has.
struct Balance {
    int64 total;
    int64 held;

    int64 available() const { return total - held; }
};

// Locks an account, whose balance is the result then; false where there is none.
bool
FindAndLock(const Uuid &organization, const Uuid &user) {
    return lock_holder.Run(Access::Write, {FromUuid(organization), FromUuid(user)}) > 0;
}

Balance
LockAccount(const Uuid &organization, const Uuid &user) {
    if (!FindAndLock(organization, user))
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "there is no points account for this user in this organization",
                .detail = psprintf("User %s, organization %s.", UuidText(user), UuidText(organization)),
                .hint = "Points are held of members.",
                .table = "point_holds",
                .constraint = kAccountConstraint});
    return {DatumGetInt64(Field(0, 1)), DatumGetInt64(Field(0, 2))};
}

[[noreturn]] void
RefuseKey(const char *detail) {
    Refuse({.sqlstate = kConflict,
            .message = "idempotency key was used for another hold",
            .detail = detail,
            .hint = "Use a new key for a new hold; send a retry unchanged.",
            .table = "point_holds",
            .constraint = kKeyConstraint});
}

// The hold made earlier under the key, as (id, amount) in the result; false where there is none.
bool
FindEarlier(const Nullable (&fields)[kFields]) {
    if (fields[Key].is_null || find_held.Run(Access::Write, fields) == 0)
        return false;
    if (!DatumGetBool(Field(0, 3)))
        RefuseKey(psprintf("Key \"%s\" belongs to hold %s.", CString(ToText(fields[Key].value)),
                           UuidText(ToUuid(Field(0, 1)))));
    return true;
}

void
Insert(const Nullable (&fields)[kFields]) {
    Uuid creator;
    Parameters parameters = fields;
    parameters.Add({FromUuid(creator), !access::ClaimedUser(&creator)});
    if (insert_hold.Run(Access::Write, parameters) == 0)
        RefuseKey("Another session used it for another account at the same time.");
}

[[noreturn]] void
RefuseOfRedemption() {
    Refuse({.message = "the hold belongs to a redemption",
            .hint = "Approve, decline or cancel the redemption: it takes or releases its points.",
            .table = "point_holds",
            .constraint = "point_holds_of_redemption"});
}

[[noreturn]] void
RefuseSettled(const char *message, const char *detail) {
    Refuse({.sqlstate = kConflict,
            .message = message,
            .detail = detail,
            .hint = "A hold is captured, released or expired once; hold the points again.",
            .table = "point_holds",
            .constraint = "point_holds_status_steps"});
}

// A hold whose account is locked, and which is locked itself.
struct Hold {
    std::string_view status;
    int64 amount;
    int64 captured;
    bool expired;
    const char *expires_at;

    bool Is(std::string_view what) const { return status == what; }
};

Hold
ReadHold(const Uuid &id) {
    lock_hold.Run(Access::Write, FromUuid(id));
    Hold hold = {};
    bool is_null;
    hold.status = CString(ToText(Field(0, 1)));
    hold.amount = DatumGetInt64(Field(0, 2));
    const Datum captured = Field(0, 3, &is_null);
    hold.captured = is_null ? 0 : DatumGetInt64(captured);
    const Datum type = Field(0, 4, &is_null);
    if (!is_null && ToText(type) == kRedemption)
        RefuseOfRedemption();
    const Datum expires_at = Field(0, 5, &is_null);
    hold.expires_at = is_null ? nullptr : pstrdup(timestamptz_to_str(DatumGetTimestampTz(expires_at)));
    hold.expired = !is_null && DatumGetBool(Field(0, 6));
    return hold;
}

// Who asks, before he has become the owner.
struct Asking {
    bool trusted;
    access::Caller caller;
};

Asking
Ask(Oid table) {
    access::NoticeChanges();
    return {IsTrusted(table), access::CurrentCaller()};
}

struct Holder {
    Uuid organization;
    Uuid user;
};

// Whose hold it is, for who may settle it; others are not told whether there is one.
Holder
FindHolder(const Asking &asking, const Uuid &id) {
    if (find_hold.Run(Access::Write, FromUuid(id)) > 0) {
        const Holder holder = {ToUuid(Field(0, 1)), ToUuid(Field(0, 2))};
        if (asking.trusted || access::Administers(asking.caller, holder.organization))
            return holder;
    }
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("there is no hold %s that you may settle", UuidText(id)),
            .hint = "Only administrators of its organization and service_role settle holds.",
            .table = "point_holds",
            .constraint = "point_holds_pkey"});
}

// The hold, locked behind its account; while that was waited for it may have become another one's.
Hold
LockHold(const Asking &asking, const Uuid &id) {
    for (;;) {
        const Holder holder = FindHolder(asking, id);
        if (FindAndLock(holder.organization, holder.user))
            return ReadHold(id);
        CHECK_FOR_INTERRUPTS();
    }
}

void
Settle(Oid table, const Uuid &id, const char *status, const Nullable &captured) {
    if (settle_hold.Run(Access::Write, {FromUuid(id), CStringGetTextDatum(status), captured}) == 0 ||
        !DatumGetBool(Field(0, 1)))
        RefuseDropped(table, "a trigger changed the hold");
}

void
RequireHeld(const Hold &hold) {
    if (hold.Is("released"))
        RefuseSettled("the hold was released", nullptr);
    if (hold.Is("expired") || hold.expired)
        RefuseSettled("the hold has expired",
                      hold.expires_at == nullptr ? nullptr : psprintf("At %s.", hold.expires_at));
}

void
RequireAtMost(const Hold &hold, int64 amount) {
    if (amount >= 1 && amount <= hold.amount)
        return;
    Refuse({.message = "a capture takes at least one point, and at most what is held",
            .detail = psprintf("%lld points are held, %lld were asked for.",
                               static_cast<long long>(hold.amount), static_cast<long long>(amount)),
            .hint = "What goes beyond the hold is an entry of its own.",
            .table = "point_holds",
            .constraint = "point_holds_captured_amount_check"});
}

// Whether the same was taken before.
bool
WasTaken(const Hold &hold, int64 amount) {
    if (!hold.Is("captured"))
        return false;
    if (hold.captured != amount)
        RefuseSettled("the hold was captured already",
                      psprintf("%lld points were taken.", static_cast<long long>(hold.captured)));
    return true;
}

// The entry that took the points, copied out of SPI.
Datum
Taken(FunctionCallInfo fcinfo, MemoryContext context, const Uuid &id, bool is_new) {
    if (find_taken.Run(Access::Write, FromUuid(id)) == 0)
        RefuseSettled("the hold was captured already",
                      "Its entry is archived, or is another account's by now.");
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = ResultRow(fcinfo, {Field(0, 1), Field(0, 2), Field(0, 3), BoolGetDatum(is_new)});
    MemoryContextSwitchTo(old);
    return result;
}

// (hold_id, amount, balance, points_held, available, is_new) of the last result's hold.
Datum
Held(FunctionCallInfo fcinfo, MemoryContext context, const Uuid &organization, const Uuid &user,
     bool is_new) {
    const Uuid id = ToUuid(Field(0, 1));
    const int64 amount = DatumGetInt64(Field(0, 2));
    const Balance balance = LockAccount(organization, user);
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = ResultRow(fcinfo, {FromUuid(id), Int64GetDatum(amount), Int64GetDatum(balance.total),
                                            Int64GetDatum(balance.held), Int64GetDatum(balance.available()),
                                            BoolGetDatum(is_new)});
    MemoryContextSwitchTo(old);
    return result;
}

} // namespace

void
ReleaseExpired(const Uuid &organization, const Uuid &user) {
    release_expired.Run(Access::Write, {FromUuid(organization), FromUuid(user)});
}

void
RequireAvailable(const Uuid &organization, const Uuid &user, int64 amount) {
    Balance balance = LockAccount(organization, user);
    if (amount <= balance.available())
        return;
    ReleaseExpired(organization, user);
    balance = LockAccount(organization, user);
    if (amount <= balance.available())
        return;
    Refuse({.message = "there are not as many points available",
            .detail = psprintf(
                "User %s has %lld points, of which %lld are held and %lld are available; asked for %lld.",
                UuidText(user), static_cast<long long>(balance.total), static_cast<long long>(balance.held),
                static_cast<long long>(balance.available()), static_cast<long long>(amount)),
            .hint = "Hold at most what is available.",
            .table = "user_points",
            .constraint = "user_points_points_held_check"});
}

LAUREL_FUNCTION(laurel_hold_points) {
    const Uuid user = ToUuid(Required(fcinfo, User, "user_id"));
    const int64 amount = DatumGetInt64(Required(fcinfo, Amount, "amount"));
    Required(fcinfo, Type, "transaction_type");
    const MemoryContext context = CurrentMemoryContext;
    const Oid table = TableOid("point_holds");
    const Uuid organization =
        access::OrganizationArgument(fcinfo, Organization, table, user, kAccountConstraint);
    access::RequireAdministrator(table, organization, "hold points");
    Nullable fields[kFields];
    for (int field = 0; field < Organization; field++)
        fields[field] = Argument(fcinfo, field);
    fields[Organization] = FromUuid(organization);
    if (!fields[ReferenceType].is_null && ToText(fields[ReferenceType].value) == kRedemption)
        RefuseOfRedemption();
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    LockAccount(organization, user);
    const bool earlier = FindEarlier(fields);
    if (!earlier) {
        RequireAvailable(organization, user, amount);
        Insert(fields);
    }
    return Held(fcinfo, context, organization, user, !earlier);
}

LAUREL_FUNCTION(laurel_capture_hold) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "hold_id"));
    const MemoryContext context = CurrentMemoryContext;
    const Oid table = TableOid("point_holds");
    const Asking asking = Ask(table);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Hold hold = LockHold(asking, id);
    const int64 amount = PG_ARGISNULL(1) ? hold.amount : PG_GETARG_INT64(1);
    if (WasTaken(hold, amount))
        return Taken(fcinfo, context, id, false);
    RequireHeld(hold);
    RequireAtMost(hold, amount);
    Settle(table, id, "captured", Int64GetDatum(amount));
    return Taken(fcinfo, context, id, true);
}

LAUREL_FUNCTION(laurel_release_hold) {
    const Uuid id = ToUuid(Required(fcinfo, 0, "hold_id"));
    const Oid table = TableOid("point_holds");
    const Asking asking = Ask(table);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Hold hold = LockHold(asking, id);
    if (hold.Is("captured"))
        RefuseSettled("the hold was captured already",
                      psprintf("%lld points were taken.", static_cast<long long>(hold.captured)));
    if (hold.Is("held"))
        Settle(table, id, "released", Nullable());
    PG_RETURN_BOOL(hold.Is("held"));
}

} // namespace laurel::holds
