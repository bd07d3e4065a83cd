// laurel.seal_audit: what has come to the log since the newest seal goes into the next one. Nobody who writes
// waits for it.

#include "audit/seal.h"
#include "guards/derived_write.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/own_lock.h"
#include "postgres/trigger.h"
#include "seals/horizon.h"

namespace laurel::audit {

namespace {

constexpr TriggerSpec kKeepSeals = {"keep_audit_seals", TriggerSpec::Before, TriggerSpec::EachStatement,
                                    TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete |
                                        TriggerSpec::Truncate};

Statement insert_seal =
    Statement(
        R"(INSERT INTO laurel_internal.audit_seals AS s (seal_no, sealed_at, open_from, lines, total, root, seal_hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        RETURNING (s.seal_no, s.sealed_at, s.open_from, s.lines, s.total, s.root, s.seal_hash)
            = ($1, $2, $3, $4, $5, $6, $7))",
        kSealTypes)
        .Returns(BOOLOID);

void
Insert(const Seal &seal) {
    const Oid table = TableOid("audit_seals", "laurel_internal");
    const Datum values[] = {Int64GetDatum(seal.seal_no),
                            TimestampTzGetDatum(seal.sealed_at),
                            TimestampTzGetDatum(seal.open_from),
                            Int64GetDatum(seal.lines),
                            Int64GetDatum(seal.total),
                            FromBytes(seal.root.bytes, sizeof(seal.root)),
                            FromBytes(seal.hash.bytes, sizeof(seal.hash))};
    const guards::DerivedWrite writing({table});
    insert_seal.Write(values);
    if (!DatumGetBool(Field(0, 1)))
        RefuseDropped(table, "a seal was changed on its way");
}

Seal
NewestCommitted(Oid owner) {
    const FreshRead fresh(owner);
    return NewestSeal();
}

Content
ContentCommitted(Oid owner, TimestampTz from, TimestampTz until) {
    const FreshRead fresh(owner);
    return ReadContent(from, until);
}

// Seals what is not sealed and whose transactions are over; how many lines that is.
int64
SealNext(Oid owner) {
    const Seal before = NewestCommitted(owner);
    Seal seal = before;
    seal.open_from = seals::CompleteUntil(TableOid("audit_log"), before.open_from);
    if (seal.open_from <= before.open_from)
        return 0;
    const Content content = ContentCommitted(owner, before.open_from, seal.open_from);
    if (content.lines == 0)
        return 0;
    seal.seal_no++;
    seal.sealed_at = std::max(before.sealed_at, GetCurrentTimestamp());
    seal.lines = content.lines;
    seal.total += content.lines;
    seal.root = content.root;
    seal.hash = HashOf(seal, before.hash);
    Insert(seal);
    return seal.lines;
}

} // namespace

// laurel.seal_audit()
LAUREL_FUNCTION(laurel_seal_audit) {
    const Oid owner = OwnerOf(TableOid("audit_seals", "laurel_internal"));
    const AsOwner as_owner(owner);
    LockUntilEnd(OwnLock::AuditSeals);
    const SpiConnection spi;
    PG_RETURN_INT64(SealNext(owner));
}

// A restore copies seals before the trigger is there.
LAUREL_FUNCTION(laurel_keep_audit_seals) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepSeals);
    if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "seals of the audit log are made by laurel.seal_audit() alone and never changed",
            .hint = "Call laurel.seal_audit() to seal what is not sealed yet.",
            .table = "audit_seals",
            .constraint = "audit_seals_append_only"});
}

} // namespace laurel::audit
