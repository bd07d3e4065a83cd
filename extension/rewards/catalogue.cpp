// What administrators change of the catalogue: the stock of a reward, and its codes.
//
// Lock order: the reward, then its codes.

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::rewards {

namespace {

constexpr TriggerSpec kStock = {"require_stock", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Update};

// Whoever hands codes out locks the reward first.
Statement lock_codes("SELECT FROM ONLY laurel.rewards WHERE id = $1 FOR NO KEY UPDATE", UUIDOID);

Statement find_owner =
    Statement("SELECT organization_id FROM ONLY laurel.rewards WHERE id = $1", UUIDOID).Returns(UUIDOID);

Statement withdraw(R"(DELETE FROM ONLY laurel.reward_vouchers
        WHERE organization_id = $1 AND reward_id = $2 AND code = ANY ($3) AND status = 'free')",
                   UUIDOID, UUIDOID, TEXTARRAYOID);

// The same whether there is none, or it is another organization's.
Uuid
RequireReward(const Uuid &reward, bool trusted, const access::Caller &caller) {
    if (find_owner.Run(Access::Write, FromUuid(reward)) > 0) {
        const Uuid organization = ToUuid(Field(0, 1));
        if (trusted || access::Administers(caller, organization))
            return organization;
    }
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to withdraw codes of this reward, or there is none",
            .hint = access::HintOr("Ask an org_admin of the organization, or call as service_role."),
            .table = "reward_vouchers"});
}

} // namespace

// Fires where fewer are to be there than are taken.
LAUREL_FUNCTION(laurel_require_stock) {
    const DraftRow row(CheckTrigger(fcinfo, kStock));
    Refuse(
        {.message = "the stock of a reward is no less than what is taken of it",
         .detail = psprintf("%lld are taken, stock would be %lld.",
                            static_cast<long long>(DatumGetInt64(row.Get("taken", INT8OID).value)),
                            static_cast<long long>(DatumGetInt64(row.Get("stock", INT8OID).value))),
         .hint = "Set stock to what is taken, and nobody gets more; cancelled redemptions give theirs back.",
         .table = "rewards",
         .constraint = "rewards_taken_check"});
}

// laurel.withdraw_vouchers(reward, codes)
LAUREL_FUNCTION(laurel_withdraw_vouchers) {
    const Uuid reward = ToUuid(Required(fcinfo, 0, "reward_id"));
    const Datum codes = Required(fcinfo, 1, "codes");
    const Oid table = TableOid("reward_vouchers");
    access::NoticeChanges();
    const bool trusted = IsTrusted(table);
    const access::Caller caller = access::CurrentCaller();
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Uuid organization = RequireReward(reward, trusted, caller);
    lock_codes.Run(Access::Write, FromUuid(reward));
    PG_RETURN_INT64(
        static_cast<int64>(withdraw.Run(Access::Write, {FromUuid(organization), FromUuid(reward), codes})));
}

} // namespace laurel::rewards
