// Where an account ended whose member has left: the ledger outlives its members, and what follows here is
// how anybody knows that no end of their history is missing.

#include "points/departed_accounts.h"

#include "guards/derived_write.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/trigger.h"

namespace laurel::points {

namespace {

constexpr TriggerSpec kClose = {"close_account", TriggerSpec::After, TriggerSpec::EachRow,
                                TriggerSpec::Delete};
constexpr TriggerSpec kGuardDepartedSpec = {"guard_departed", TriggerSpec::Before, TriggerSpec::EachStatement,
                                            TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete |
                                                TriggerSpec::Truncate};

// Says whether it has arrived as it was meant.
Statement keep_end = Statement(R"(INSERT INTO laurel_internal.departed_accounts AS d
        (organization_id, user_id, last_entry_no, total_points, last_entry_hash)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, user_id) DO UPDATE SET
        last_entry_no = EXCLUDED.last_entry_no, total_points = EXCLUDED.total_points,
        last_entry_hash = EXCLUDED.last_entry_hash
        RETURNING (d.organization_id, d.user_id, d.last_entry_no, d.total_points, d.last_entry_hash)
            IS NOT DISTINCT FROM ($1, $2, $3, $4, $5))",
                               UUIDOID, UUIDOID, INT8OID, INT8OID, BYTEAOID)
                         .Returns(BOOLOID);

Statement take_end = Statement(R"(DELETE FROM ONLY laurel_internal.departed_accounts
        WHERE organization_id = $1 AND user_id = $2
        RETURNING last_entry_no, total_points, last_entry_hash)",
                               UUIDOID, UUIDOID)
                         .Returns(INT8OID, INT8OID, BYTEAOID);

// Runs the one statement that writes departed accounts.
uint64
Write(Statement &statement, const Parameters &parameters) {
    const guards::DerivedWrite writing({TableOid("departed_accounts", "laurel_internal")});
    return statement.Run(Access::Write, parameters);
}

} // namespace

bool
ReopensWhereItEnded(const OpenAccount &open) {
    if (Write(take_end, {FromUuid(open.key.organization), FromUuid(open.key.user)}) == 0)
        return true;
    const bytea *hash = DatumGetByteaPP(Field(0, 3));
    return DatumGetInt64(Field(0, 1)) == open.account.entry_no &&
           DatumGetInt64(Field(0, 2)) == open.account.total && VARSIZE_ANY_EXHDR(hash) == sizeof(open.hash) &&
           std::memcmp(VARDATA_ANY(hash), open.hash, sizeof(open.hash)) == 0;
}

// Fires where an account with entries goes. A restore deletes nothing.
LAUREL_FUNCTION(laurel_close_account) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kClose);
    const DraftRow row(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    const AsOwner owner(OwnerOf(TableOid("departed_accounts", "laurel_internal")));
    const SpiConnection spi;
    const uint64 kept = Write(keep_end, {row.Get("organization_id", UUIDOID), row.Get("user_id", UUIDOID),
                                         row.Get("last_entry_no", INT8OID), row.Get("total_points", INT8OID),
                                         row.Get("last_entry_hash", BYTEAOID)});
    if (kept == 0 || !DatumGetBool(Field(0, 1)))
        RefuseDropped(TableOid("departed_accounts", "laurel_internal"),
                      "a trigger changed where the account of who leaves has ended");
    return PointerGetDatum(nullptr);
}

// A restore copies rows before the trigger is there.
LAUREL_FUNCTION(laurel_guard_departed) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kGuardDepartedSpec);
    if (!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) && guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "where departed accounts ended is written by their going and coming alone",
            .hint = "Delete the membership, or add it again.",
            .table = "departed_accounts",
            .constraint = "departed_accounts_follow_ledger"});
}

} // namespace laurel::points
