// What follows from a redemption's state: points are held, taken, or back, and codes handed out.
//
// Lock order: redemptions, rewards, then accounts by organization and user, then holds, then vouchers.

#include "guards/transition_rows.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::rewards {

namespace {

constexpr TriggerSpec kSettle = {"settle_redemptions", TriggerSpec::After, TriggerSpec::EachStatement,
                                 TriggerSpec::Insert | TriggerSpec::Update};

SizedStatement hold(
    R"(INSERT INTO laurel.point_holds (organization_id, user_id, amount, transaction_type, reference_type, reference_id,
            reason, metadata)
        SELECT n.organization_id, n.user_id, n.quantity * n.unit_price, 'reward_redeemed', 'Redemption', n.id, n.reward_name,
            pg_catalog.jsonb_build_object('redemption_id', n.id, 'reward_id', n.reward_id, 'quantity', n.quantity, 'fulfilment', n.fulfilment)
        FROM new_rows n JOIN ONLY laurel.redemptions r ON r.id = n.id AND r.status = n.status
        WHERE n.status = 'requested' ORDER BY n.organization_id, n.user_id, n.id)");

// A row whose state has changed, and what it was.
constexpr SqlText kChanged = "new_rows n JOIN old_rows o ON o.id = n.id AND o.status <> n.status";

// Whoever redeems has the reward before the account; a code that goes is counted there.
SizedStatement lock_rewards(Sql<R"(SELECT FROM ONLY laurel.rewards r WHERE (r.organization_id, r.id) IN (
            SELECT n.organization_id, n.reward_id FROM {1}) ORDER BY r.organization_id, r.id FOR NO KEY UPDATE)",
                                kChanged>);

SizedStatement
    lock_accounts(Sql<R"(SELECT FROM ONLY laurel.user_points p WHERE (p.organization_id, p.user_id) IN (
            SELECT n.organization_id, n.user_id FROM {1}) ORDER BY p.organization_id, p.user_id FOR NO KEY UPDATE)",
                      kChanged>);

// Holds of requests that came to another state: {1} says to which, {2} what becomes of the hold.
constexpr SqlText kSettleHolds = R"(UPDATE ONLY laurel.point_holds h SET {2} FROM {3}
        WHERE o.status = 'requested' AND n.status {1} AND h.organization_id = n.organization_id AND h.reference_type = 'Redemption'
            AND h.reference_id = n.id AND h.status = 'held')";

SizedStatement capture(Sql<kSettleHolds, "= 'approved' AND h.amount = n.quantity * n.unit_price",
                           "status = 'captured', captured_amount = h.amount", kChanged>);
SizedStatement release(Sql<kSettleHolds, "IN ('declined', 'cancelled')", "status = 'released'", kChanged>);

// The entry that took the points is taken back, where nobody has done so. Where it is another account's, as
// after a merge, the points come as an entry of their own.
constexpr SqlText kEntryIn =
    R"(SELECT e.id, e.user_id, e.amount FROM {1} e WHERE e.organization_id = n.organization_id
        AND e.reference_type = 'Redemption' AND e.reference_id = n.id AND e.transaction_type = 'reward_redeemed')";
constexpr SqlText kReversalIn =
    "EXISTS (SELECT FROM {1} r WHERE r.organization_id = n.organization_id AND r.reverses_id = e.id)";

SizedStatement refund(
    Sql<R"(INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reference_type,
            reference_id, reverses_id, reason)
        SELECT n.organization_id, n.user_id, n.quantity * n.unit_price, 'reward_refunded', 'Redemption', n.id,
            CASE WHEN e.user_id = n.user_id THEN e.id END, n.reward_name
        FROM {1} JOIN ONLY laurel.user_points p ON p.organization_id = n.organization_id AND p.user_id = n.user_id
        LEFT JOIN LATERAL ({2} UNION ALL {3} LIMIT 1) e ON true
        WHERE o.status IN ('approved', 'fulfilled') AND n.status = 'cancelled' AND (e.id IS NULL OR NOT ({4} OR {5}))
        ORDER BY n.organization_id, n.user_id, n.id)",
        kChanged, Sql<kEntryIn, "ONLY laurel.points_ledger">, Sql<kEntryIn, "laurel.points_ledger_archive">,
        Sql<kReversalIn, "ONLY laurel.points_ledger">, Sql<kReversalIn, "laurel.points_ledger_archive">>);

// Nobody is waited for: whoever has a code gives it to somebody else.
Statement hand_out =
    Statement(R"(UPDATE ONLY laurel.reward_vouchers v SET status = 'handed', redemption_id = $3, user_id = $4
        WHERE v.id IN (SELECT f.id FROM ONLY laurel.reward_vouchers f WHERE f.organization_id = $1 AND f.reward_id = $2 AND f.status = 'free'
                AND (f.valid_until IS NULL OR f.valid_until > pg_catalog.clock_timestamp())
            ORDER BY f.valid_until, f.id LIMIT $5 FOR UPDATE SKIP LOCKED))",
              UUIDOID, UUIDOID, UUIDOID, UUIDOID, INT8OID);

Statement
    fulfil("UPDATE ONLY laurel.redemptions SET status = 'fulfilled' WHERE id = $1 AND status = 'approved'",
           UUIDOID);

// What the rows of a statement ask for.
struct Wanted {
    int64 held = 0;     // requests that are new
    int64 captured = 0; // requests that were approved
    int64 changed = 0;
    bool vouchers = false;
};

std::string_view
TextOf(TupleTableSlot *row, int column) {
    bool is_null;
    const Datum value = slot_getattr(row, column, &is_null);
    return is_null ? std::string_view() : ToText(value);
}

// A redemption that is to get codes.
struct Handing {
    Uuid id;
    Uuid organization;
    Uuid reward;
    Uuid user;
    int64 quantity;
};

// The rows of a statement and what they were, side by side: both tables have them in one order.
class Rows {
public:
    explicit Rows(const TriggerData *trigger)
        : columns_(RelationGetDescr(trigger->tg_relation)), trigger_(trigger),
          status_(Attribute(columns_, "status", TEXTOID)),
          fulfilment_(Attribute(columns_, "fulfilment", TEXTOID)) {}

    template <typename See> void Each(See &&see) const {
        const bool updated = TRIGGER_FIRED_BY_UPDATE(trigger_->tg_event);
        guards::TransitionReader rows(columns_, trigger_->tg_newtable);
        guards::TransitionReader before(columns_, updated ? trigger_->tg_oldtable : trigger_->tg_newtable);
        while (TupleTableSlot *row = rows.Next()) {
            TupleTableSlot *was = before.Next();
            see(row, TextOf(row, status_), updated ? TextOf(was, status_) : std::string_view());
        }
    }

    bool GetsCodes(TupleTableSlot *row, std::string_view status, std::string_view was) const {
        return status == "approved" && was != "approved" && TextOf(row, fulfilment_) == "voucher";
    }

    bool IsPaidLater(std::string_view status, std::string_view was) const {
        return was == "requested" && status == "approved";
    }

    Uuid Id(TupleTableSlot *row, const char *column) const { return ToUuid(Value(row, column, UUIDOID)); }

    int64 Quantity(TupleTableSlot *row) const { return DatumGetInt64(Value(row, "quantity", INT8OID)); }

private:
    // A value that a redemption which gets something has, or error 23502: its member may be gone.
    Datum Value(TupleTableSlot *row, const char *column, Oid type) const {
        bool is_null;
        const Datum value = slot_getattr(row, Attribute(columns_, column, type), &is_null);
        if (is_null)
            ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION), errmsg("%s must not be null", column),
                            err_generic_string(PG_DIAG_COLUMN_NAME, column)));
        return value;
    }

    TupleDesc columns_;
    const TriggerData *trigger_;
    int status_;
    int fulfilment_;
};

Wanted
Look(const Rows &rows) {
    Wanted wanted;
    rows.Each([&](TupleTableSlot *row, std::string_view status, std::string_view was) {
        wanted.held += was.empty() && status == "requested" ? 1 : 0;
        wanted.changed += !was.empty() && was != status ? 1 : 0;
        wanted.captured += rows.IsPaidLater(status, was) ? 1 : 0;
        wanted.vouchers |= rows.GetsCodes(row, status, was);
    });
    return wanted;
}

void
HandOut(Oid table, const Handing &handing) {
    const uint64 handed = hand_out.Run(
        Access::Write, {FromUuid(handing.organization), FromUuid(handing.reward), FromUuid(handing.id),
                        FromUuid(handing.user), Int64GetDatum(handing.quantity)});
    if (handed != static_cast<uint64>(handing.quantity))
        Refuse({.message = "there are not as many codes left of the reward",
                .detail = psprintf("%lld were asked for, %lld are there and valid.",
                                   static_cast<long long>(handing.quantity), static_cast<long long>(handed)),
                .hint = "Ask for fewer, or later; who administers imports more into laurel.reward_vouchers.",
                .table = "redemptions",
                .constraint = "redemptions_vouchers"});
    if (fulfil.Run(Access::Write, FromUuid(handing.id)) != 1)
        RefuseDropped(table, "a trigger changed the redemption before it got its codes");
}

void
HandOutCodes(Oid table, const Rows &rows, int64 count) {
    auto *handings = NewList<Handing>(count);
    int64 filled = 0;
    rows.Each([&](TupleTableSlot *row, std::string_view status, std::string_view was) {
        if (rows.GetsCodes(row, status, was))
            handings[filled++] = {rows.Id(row, "id"), rows.Id(row, "organization_id"),
                                  rows.Id(row, "reward_id"), rows.Id(row, "user_id"), rows.Quantity(row)};
    });
    for (int64 i = 0; i < filled; i++) {
        CHECK_FOR_INTERRUPTS();
        HandOut(table, handings[i]);
    }
}

void
Hold(Oid table, int64 rows, int64 wanted) {
    if (hold.Run(rows) != static_cast<uint64>(wanted))
        RefuseDropped(table, "a trigger changed the request, or dropped the hold of its points");
}

// A hold that is not there went with its account, or was settled behind the redemption's back.
void
Capture(int64 rows, int64 wanted) {
    if (capture.Run(rows) == static_cast<uint64>(wanted))
        return;
    Refuse({.sqlstate = kConflict,
            .message = "the points of the redemption are not held any more",
            .hint = "Decline it, and let the member ask again.",
            .table = "redemptions",
            .constraint = "redemptions_held"});
}

// What holds and entries become where states have changed.
void
Follow(int64 rows, const Wanted &wanted) {
    if (wanted.vouchers)
        lock_rewards.Run(rows);
    lock_accounts.Run(rows);
    if (wanted.captured > 0)
        Capture(rows, wanted.captured);
    release.Run(rows);
    refund.Run(rows);
}

} // namespace

LAUREL_FUNCTION(laurel_settle_redemptions) {
    TriggerData *trigger = CheckTrigger(fcinfo, kSettle);
    const int64 count = RowsOf(trigger->tg_newtable);
    const Rows rows(trigger);
    const Wanted wanted = Look(rows);
    if (wanted.held + wanted.changed == 0 && !wanted.vouchers)
        return PointerGetDatum(nullptr);
    const Oid table = RelationGetRelid(trigger->tg_relation);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    if (wanted.held > 0)
        Hold(table, count, wanted.held);
    if (wanted.changed > 0)
        Follow(count, wanted);
    if (wanted.vouchers)
        HandOutCodes(table, rows, count);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::rewards
