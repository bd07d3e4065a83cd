// What clients call: members redeem, administrators decide.

#include "rewards/membership.h"

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/results.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::rewards {

namespace {

Statement find_reward =
    Statement("SELECT organization_id FROM ONLY laurel.rewards WHERE id = $1", UUIDOID).Returns(UUIDOID);

Statement lock_for_key("SELECT FROM ONLY laurel.rewards WHERE id = $1 FOR NO KEY UPDATE", UUIDOID);

constexpr SqlText kRedeemed = "id, status, quantity * unit_price, unit_price, fulfilment = 'voucher'";

Statement find_redeemed =
    Statement(
        Sql<R"(SELECT {1}, reward_id = $4 AND quantity = $5 AND note IS NOT DISTINCT FROM $6 AND ($7 IS NULL OR unit_price = $7)
        FROM ONLY laurel.redemptions WHERE organization_id = $1 AND user_id = $2 AND idempotency_key = $3)",
            kRedeemed>,
        UUIDOID, UUIDOID, TEXTOID, UUIDOID, INT8OID, TEXTOID, INT8OID)
        .Returns(UUIDOID, TEXTOID, INT8OID, INT8OID, BOOLOID, BOOLOID);

Statement insert_redemption =
    Statement(
        Sql<R"(INSERT INTO laurel.redemptions (organization_id, user_id, idempotency_key, reward_id, quantity, note, unit_price)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (organization_id, user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING {1})",
            kRedeemed>,
        UUIDOID, UUIDOID, TEXTOID, UUIDOID, INT8OID, TEXTOID, INT8OID)
        .Returns(UUIDOID, TEXTOID, INT8OID, INT8OID, BOOLOID);

// A code is handed out, and the state with it, when the row is there.
Statement read_status =
    Statement("SELECT status FROM ONLY laurel.redemptions WHERE id = $1", UUIDOID).Returns(TEXTOID);

Statement find_redemption =
    Statement("SELECT organization_id, user_id FROM ONLY laurel.redemptions WHERE id = $1", UUIDOID)
        .Returns(UUIDOID, UUIDOID);

Statement read_decided = Statement("SELECT status, fulfilment = 'voucher', fulfilment_reference IS NOT "
                                   "DISTINCT FROM $2 FROM ONLY laurel.redemptions WHERE id = $1",
                                   UUIDOID, TEXTOID)
                             .Returns(TEXTOID, BOOLOID, BOOLOID);

Statement decide =
    Statement(R"(UPDATE ONLY laurel.redemptions SET status = $2, decided_by = coalesce($3, decided_by),
            decision_note = coalesce($4, decision_note), fulfilment_reference = coalesce($5, fulfilment_reference)
        WHERE id = $1 AND status = ANY ($6) AND (status <> 'fulfilled' OR fulfilment <> 'voucher') RETURNING status = $2)",
              UUIDOID, TEXTOID, UUIDOID, TEXTOID, TEXTOID, TEXTARRAYOID)
        .Returns(BOOLOID);

Statement find_codes =
    Statement(R"(SELECT code, valid_until FROM ONLY laurel.reward_vouchers WHERE redemption_id = $1
        AND organization_id = (SELECT r.organization_id FROM ONLY laurel.redemptions r WHERE r.id = $1) ORDER BY id)",
              UUIDOID)
        .Returns(TEXTOID, TIMESTAMPTZOID);

struct Asking {
    bool trusted;
    access::Caller caller;

    bool Is(const Uuid &user) const { return caller.known && caller.user == user; }
    bool ActsIn(const Uuid &organization) const {
        return caller.has_organization && caller.organization == organization;
    }
};

Asking
Ask(Oid table) {
    access::NoticeChanges();
    return {IsTrusted(table), access::CurrentCaller()};
}

// A retry comes after the first, and finds what it made.
void
LockForKey(const Uuid &organization, const Uuid &user, const Uuid &reward) {
    LockMemberships(organization, FromUuid(user));
    lock_for_key.Run(Access::Write, FromUuid(reward));
}

Uuid
OrganizationOf(const Asking &asking, const Uuid &id) {
    if (find_reward.Run(Access::Write, FromUuid(id)) > 0) {
        const Uuid organization = ToUuid(Field(0, 1));
        if (asking.trusted || asking.ActsIn(organization))
            return organization;
    }
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = psprintf("there is no reward %s", UuidText(id)),
            .hint = "Name one of the organization in which you act.",
            .table = "redemptions",
            .constraint = "redemptions_reward_id_fkey"});
}

[[noreturn]] void
RefuseKey() {
    Refuse({.sqlstate = kConflict,
            .message = "idempotency key was used for another redemption",
            .hint = "Use a new key for a new redemption; send a retry unchanged.",
            .table = "redemptions",
            .constraint = "redemptions_idempotency_key"});
}

// Whether there is one under the key, in the result; another one is refused.
bool
FindEarlier(const Parameters &asked) {
    if (asked.IsNull(2) || find_redeemed.Run(Access::Write, asked) == 0)
        return false;
    if (!DatumGetBool(Field(0, 6)))
        RefuseKey();
    return true;
}

void
Insert(const Parameters &asked) {
    if (insert_redemption.Run(Access::Write, asked) > 0)
        return;
    if (asked.IsNull(2))
        RefuseDropped(TableOid("redemptions"), "a trigger dropped the redemption");
    RefuseKey();
}

// (redemption_id, status, points, unit_price, is_new) of the last result's redemption.
Datum
Redeemed(FunctionCallInfo fcinfo, MemoryContext context, bool is_new) {
    const Uuid id = ToUuid(Field(0, 1));
    const Datum points = Field(0, 3), price = Field(0, 4);
    Datum status = Field(0, 2);
    if (DatumGetBool(Field(0, 5))) {
        read_status.Run(Access::Write, FromUuid(id));
        status = Field(0, 1);
    }
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = ResultRow(fcinfo, {FromUuid(id), status, points, price, BoolGetDatum(is_new)});
    MemoryContextSwitchTo(old);
    return result;
}

// The same whether there is none, or it is somebody else's.
[[noreturn]] void
RefuseDecision(const char *hint) {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to decide on this redemption, or there is none",
            .hint = access::HintOr(hint),
            .table = "redemptions"});
}

// A redemption as it is decided on.
struct Decision {
    const char *status;
    const char *from;       // the states it may come from, an array
    bool by_member = false; // the member may, while it waits
    bool withdraws = false; // he does
};

constexpr Decision kApprove = {"approved", "{requested}"};
constexpr Decision kDecline = {"declined", "{requested}"};
constexpr Decision kFulfil = {"fulfilled", "{approved}"};
constexpr Decision kCancel = {"cancelled", "{requested,approved,fulfilled}", true};
constexpr Decision kWithdraw = {"cancelled", "{requested}", true, true};

constexpr const char *kWho =
    "Administrators of the organization decide, never on their own; members cancel while it waits.";

// Whose a redemption is; nobody's where the member has left.
struct Asked {
    Uuid organization;
    Nullable member;
};

Asked
FindRedemption(const Uuid &id) {
    if (find_redemption.Run(Access::Write, FromUuid(id)) == 0)
        RefuseDecision(kWho);
    Asked asked = {ToUuid(Field(0, 1)), {}};
    const Datum member = Field(0, 2, &asked.member.is_null);
    if (!asked.member.is_null)
        asked.member.value = CopyUuid(ToUuid(member));
    return asked;
}

// What the caller may do of it; an administrator does not decide on his own.
Decision
Allowed(const Asking &asking, const Asked &asked, const Decision &decision) {
    const bool own = !asked.member.is_null && asking.Is(ToUuid(asked.member.value));
    if (asking.trusted)
        return decision;
    if (own && decision.by_member && asking.ActsIn(asked.organization))
        return kWithdraw;
    if (own || !access::Administers(asking.caller, asked.organization))
        RefuseDecision(kWho);
    return decision;
}

[[noreturn]] void
RefuseVoucher() {
    Refuse(
        {.message = "who has a code has it",
         .hint = "Where it is worth nothing, give the points back with laurel.record_points_transaction().",
         .table = "redemptions",
         .constraint = "redemptions_voucher_check"});
}

// What a member has paid, and asks to have cancelled, others cancel.
const char *
WhyTooLate(const Decision &decision, std::string_view status) {
    if (decision.withdraws && (status == kApprove.status || status == kFulfil.status))
        return "Members cancel while it waits; ask somebody who administers the organization.";
    return "Read it again: somebody has decided meanwhile.";
}

// Where a decision came too late; a receiver that says the same twice has said it.
void
RequireFulfilled(const Uuid &id, const Decision &decision, const Nullable &reference) {
    if (read_decided.Run(Access::Write, {FromUuid(id), reference}) == 0)
        RefuseDecision(kWho);
    const std::string_view status = ToText(Field(0, 1)), wanted = decision.status;
    if (wanted == kFulfil.status && status == kFulfil.status && DatumGetBool(Field(0, 3)))
        return;
    if (wanted == kCancel.status && status == kFulfil.status && DatumGetBool(Field(0, 2)) &&
        !decision.withdraws)
        RefuseVoucher();
    Refuse({.sqlstate = kConflict,
            .message = psprintf("the redemption cannot be %s any more", decision.status),
            .detail = psprintf("It is %s.", CString(status)),
            .hint = WhyTooLate(decision, status),
            .table = "redemptions",
            .constraint = "redemptions_status_steps"});
}

void
Decide(const Uuid &id, const Decision &wanted, const Nullable &note, const Nullable &reference) {
    const Oid table = TableOid("redemptions");
    const Asking asking = Ask(table);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Asked asked = FindRedemption(id);
    const Decision decision = Allowed(asking, asked, wanted);
    const Nullable by =
        asking.caller.known && !decision.withdraws ? Nullable(FromUuid(asking.caller.user)) : Nullable();
    LockMemberships(asked.organization, asked.member, by);
    const Datum from = OidInputFunctionCall(F_ARRAY_IN, const_cast<char *>(decision.from), TEXTOID, -1);
    if (decide.Run(Access::Write,
                   {FromUuid(id), CStringGetTextDatum(decision.status), by, note, reference, from}) == 0)
        return RequireFulfilled(id, decision, reference);
    if (!DatumGetBool(Field(0, 1)))
        RefuseDropped(table, "a trigger changed the decision");
}

} // namespace

// laurel.redeem(reward, quantity, idempotency_key, expected_price, note, user)
LAUREL_FUNCTION(laurel_redeem) {
    const Uuid reward = ToUuid(Required(fcinfo, 0, "reward_id"));
    Required(fcinfo, 1, "quantity");
    const Uuid user = ToUuid(Required(fcinfo, 5, "user_id", kNameTheMember));
    const MemoryContext context = CurrentMemoryContext;
    const Oid table = TableOid("redemptions");
    const Asking asking = Ask(table);
    if (!asking.trusted && !asking.Is(user))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to redeem for somebody else",
                .hint = access::HintOr("Members redeem for themselves, the back end for anybody."),
                .table = "redemptions"});
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Uuid organization = OrganizationOf(asking, reward);
    if (!PG_ARGISNULL(2))
        LockForKey(organization, user, reward);
    const Parameters asked = {FromUuid(organization), FromUuid(user),      Argument(fcinfo, 2),
                              FromUuid(reward),       Argument(fcinfo, 1), Argument(fcinfo, 4),
                              Argument(fcinfo, 3)};
    const bool earlier = FindEarlier(asked);
    if (!earlier)
        Insert(asked);
    return Redeemed(fcinfo, context, !earlier);
}

// laurel.approve_redemption(redemption, note)
LAUREL_FUNCTION(laurel_approve_redemption) {
    Decide(ToUuid(Required(fcinfo, 0, "redemption_id")), kApprove, Argument(fcinfo, 1), Nullable());
    PG_RETURN_VOID();
}

// laurel.decline_redemption(redemption, note)
LAUREL_FUNCTION(laurel_decline_redemption) {
    Decide(ToUuid(Required(fcinfo, 0, "redemption_id")), kDecline, Argument(fcinfo, 1), Nullable());
    PG_RETURN_VOID();
}

// laurel.fulfil_redemption(redemption, reference, note)
LAUREL_FUNCTION(laurel_fulfil_redemption) {
    Decide(ToUuid(Required(fcinfo, 0, "redemption_id")), kFulfil, Argument(fcinfo, 2), Argument(fcinfo, 1));
    PG_RETURN_VOID();
}

// laurel.cancel_redemption(redemption, note)
LAUREL_FUNCTION(laurel_cancel_redemption) {
    Decide(ToUuid(Required(fcinfo, 0, "redemption_id")), kCancel, Argument(fcinfo, 1), Nullable());
    PG_RETURN_VOID();
}

// laurel.voucher_codes(redemption), for the back end
LAUREL_FUNCTION(laurel_voucher_codes) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const AsOwner owner(OwnerOf(TableOid("reward_vouchers")));
    const SpiConnection spi;
    ReturnRows(fcinfo, find_codes.Run(Access::Read, Required(fcinfo, 0, "redemption_id")));
    PG_RETURN_NULL();
}

} // namespace laurel::rewards
