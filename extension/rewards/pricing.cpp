// What a redemption is when it comes: the reward decides, whose row is locked until it is counted.
//
// Lock order: the membership, the reward, then the account.

#include "holds/holds.h"
#include "kernel/tier.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"
#include "rewards/membership.h"

namespace laurel::rewards {

namespace {

constexpr TriggerSpec kPrice = {"price_redemption", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Insert};

Statement lock_reward =
    Statement(R"(SELECT name, price, stock, taken, vouchers_left, fulfilment, needs_approval,
            CASE WHEN limit_per_member IS NOT NULL THEN limit_period END, tier_required, available_until,
            coalesce(available_from > pg_catalog.clock_timestamp(), false), coalesce(available_until <= pg_catalog.clock_timestamp(), false), status = 'active'
        FROM ONLY laurel.rewards WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE)",
              UUIDOID, UUIDOID)
        .Returns(TEXTOID, INT8OID, INT8OID, INT8OID, INT8OID, TEXTOID, BOOLOID, TEXTOID, TEXTOID,
                 TIMESTAMPTZOID, BOOLOID, BOOLOID, BOOLOID);

Statement find_tier =
    Statement("SELECT tier FROM ONLY laurel.user_points WHERE organization_id = $1 AND user_id = $2", UUIDOID,
              UUIDOID)
        .Returns(TEXTOID);

// The reward as it is while it is locked.
struct Reward {
    Datum name;
    int64 price;
    Nullable stock;
    int64 taken;
    int64 vouchers_left;
    std::string_view fulfilment;
    bool needs_approval;
    Nullable limit_period;
    Nullable tier_required;
    Nullable until;
    bool is_early;
    bool is_late;
    bool is_active;
};

bool
LockReward(const Uuid &organization, const Uuid &id, Reward *reward) {
    if (lock_reward.Run(Access::Write, {FromUuid(organization), FromUuid(id)}) == 0)
        return false;
    Row row;
    const auto next = [&row] {
        Nullable value;
        value.value = row.Next(&value.is_null);
        return value;
    };
    reward->name = row.Next();
    reward->price = DatumGetInt64(row.Next());
    reward->stock = next();
    reward->taken = DatumGetInt64(row.Next());
    reward->vouchers_left = DatumGetInt64(row.Next());
    reward->fulfilment = ToText(row.Next());
    reward->needs_approval = DatumGetBool(row.Next());
    for (Nullable *value : {&reward->limit_period, &reward->tier_required, &reward->until})
        *value = next();
    reward->is_early = DatumGetBool(row.Next());
    reward->is_late = DatumGetBool(row.Next());
    reward->is_active = DatumGetBool(row.Next());
    return true;
}

constexpr const char *kReadRewards = "Read laurel.rewards again: a member sees there what is to be had now.";

[[noreturn]] void
RefuseRedemption(const char *constraint, const char *message, const char *detail, const char *hint) {
    Refuse({.message = message,
            .detail = detail,
            .hint = hint,
            .table = "redemptions",
            .constraint = constraint});
}

// Drafts and what is to come are not for members to know.
void
RequireAvailable(const Reward &reward) {
    if (!reward.is_active)
        RefuseRedemption("redemptions_reward_id_required", "the reward is not available now", nullptr,
                         kReadRewards);
    if (!reward.is_early && !reward.is_late)
        return;
    const char *until = reward.is_late ? psprintf("It was until %s.",
                                                  timestamptz_to_str(DatumGetTimestampTz(reward.until.value)))
                                       : nullptr;
    RefuseRedemption("redemptions_window", "the reward is not available now", until, kReadRewards);
}

void
RequirePrice(const Reward &reward, const Nullable &expected) {
    if (expected.is_null || DatumGetInt64(expected.value) == reward.price)
        return;
    Refuse({.sqlstate = kConflict,
            .message = "the price of the reward has changed",
            .detail = psprintf("It is %lld points by now, %lld were expected.",
                               static_cast<long long>(reward.price),
                               static_cast<long long>(DatumGetInt64(expected.value))),
            .hint = "Read the reward again, and ask whether it is still wanted.",
            .table = "redemptions",
            .constraint = "redemptions_unit_price"});
}

void
RequireStock(const Reward &reward, int64 quantity) {
    if (!reward.stock.is_null && quantity > DatumGetInt64(reward.stock.value) - reward.taken)
        RefuseRedemption("redemptions_stock", "there are not as many left of the reward",
                         psprintf("There are %lld, %lld are taken, %lld were asked for.",
                                  static_cast<long long>(DatumGetInt64(reward.stock.value)),
                                  static_cast<long long>(reward.taken), static_cast<long long>(quantity)),
                         "Ask for fewer, or later.");
    if (reward.fulfilment == "voucher" && quantity > reward.vouchers_left)
        RefuseRedemption(
            "redemptions_vouchers", "there are not as many codes left of the reward",
            psprintf("There are %lld, %lld were asked for.", static_cast<long long>(reward.vouchers_left),
                     static_cast<long long>(quantity)),
            "Ask for fewer, or later; who administers imports more into laurel.reward_vouchers.");
}

void
RequireTier(const Uuid &organization, const Uuid &user, const Nullable &required) {
    kernel::Tier wanted, tier = kernel::Tier::Bronze;
    if (required.is_null || !kernel::ParseTier(ToText(required.value), &wanted))
        return;
    const char *name = pstrdup(CString(ToText(required.value)));
    if (find_tier.Run(Access::Write, {FromUuid(organization), FromUuid(user)}) > 0)
        kernel::ParseTier(ToText(Field(0, 1)), &tier);
    if (tier < wanted)
        RefuseRedemption("redemptions_tier_required", "the reward is for members of a higher tier",
                         psprintf("It is for %s and above.", name), nullptr);
}

bool
IsOpen(std::string_view status) {
    return status == "requested" || status == "approved" || status == "fulfilled";
}

void
Stamp(DraftRow *row, const char *column, bool is_so) {
    if (is_so && row->IsNull(column))
        row->Set(column, TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
}

void
Fill(DraftRow *row, const Reward &reward) {
    row->Set("unit_price", INT8OID, Int64GetDatum(reward.price));
    row->Set("reward_name", TEXTOID, reward.name);
    row->Set("fulfilment", TEXTOID, FromText(reward.fulfilment));
    row->Set("limit_period", TEXTOID, reward.limit_period.value, reward.limit_period.is_null);
    if (row->IsNull("status"))
        row->Set("status", TEXTOID, FromText(reward.needs_approval ? "requested" : "approved"));
    // It is once its codes are handed out.
    if (reward.fulfilment == "voucher" && row->Text("status") == "fulfilled")
        row->Set("status", TEXTOID, FromText("approved"));
    const std::string_view status = row->Text("status");
    Stamp(row, "approved_at", status == "approved" || status == "fulfilled");
    Stamp(row, "fulfilled_at", status == "fulfilled");
    Stamp(row, "ended_at", !IsOpen(status));
}

} // namespace

// A reward that is not there is what laurel_internal.belongs refuses.
LAUREL_FUNCTION(laurel_price_redemption) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kPrice);
    DraftRow row(trigger);
    const Uuid organization = row.Id("organization_id"), user = row.Id("user_id"), id = row.Id("reward_id");
    const Nullable quantity = row.Get("quantity", INT8OID);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    Reward reward;
    LockMemberships(organization, FromUuid(user));
    if (quantity.is_null || !LockReward(organization, id, &reward))
        return row.Done();
    const Nullable expected = row.Get("unit_price", INT8OID);
    Fill(&row, reward);
    const bool is_open = IsOpen(row.Text("status"));
    if (is_open)
        RequireAvailable(reward);
    RequirePrice(reward, expected);
    if (!is_open)
        return row.Done();
    const int64 many = DatumGetInt64(quantity.value);
    RequireStock(reward, many);
    RequireTier(organization, user, reward.tier_required);
    if (row.Text("status") == "requested" && many >= 1 && many <= 1000)
        holds::RequireAvailable(organization, user, many * reward.price);
    return row.Done();
}

} // namespace laurel::rewards
