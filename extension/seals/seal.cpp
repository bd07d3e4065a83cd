#include "seals/seal.h"

#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/trigger.h"
#include "guards/derived_write.h"

namespace laurel::seals {

namespace {

constexpr TriggerSpec kKeepSeals = {"keep_seals", TriggerSpec::Before, TriggerSpec::EachStatement,
                                    TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete |
                                        TriggerSpec::Truncate};

Statement newest_seal = Statement(Sql<R"(SELECT {1} FROM ONLY laurel_internal.ledger_seals s
        WHERE s.organization_id = $1 ORDER BY s.seal_no DESC LIMIT 1)",
                                      kSealColumns>,
                                  UUIDOID)
                            .Returns(kSealTypes)
                            .Generic();

kernel::Digest
ToDigest(Datum value) {
    kernel::Digest digest = {};
    if (!CopyBytes(value, digest.bytes, sizeof(digest.bytes)))
        digest = {};
    return digest;
}

} // namespace

Seal
ReadSeal(Row *row) {
    Seal seal;
    seal.organization = ToUuid(row->Next());
    seal.seal_no = DatumGetInt64(row->Next());
    seal.sealed_at = DatumGetTimestampTz(row->Next());
    seal.open_from = DatumGetTimestampTz(row->Next());
    seal.accounts = DatumGetInt64(row->Next());
    seal.entries = DatumGetInt64(row->Next());
    seal.root = ToDigest(row->Next());
    seal.hash = ToDigest(row->Next());
    return seal;
}

bool
HasSeals() {
    return OidIsValid(get_relname_relid("ledger_seals", get_namespace_oid("laurel_internal", false)));
}

bool
NewestSeal(const Uuid &organization, Access access, Seal *seal) {
    if (newest_seal.Run(access, FromUuid(organization)) == 0)
        return false;
    Row row;
    *seal = ReadSeal(&row);
    return true;
}

Leaves::Leaves(Datum leaves) {
    const bytea *value = DatumGetByteaPP(leaves);
    const auto size = static_cast<int64>(VARSIZE_ANY_EXHDR(value));
    bytes_ = reinterpret_cast<const unsigned char *>(VARDATA_ANY(value));
    count_ = size / kSize;
    whole_ = size % kSize == 0;
}

Uuid
Leaves::UserAt(int64 index) const {
    Uuid user;
    std::memcpy(user.bytes, At(index) + kernel::kSealedUser, UUID_LEN);
    return user;
}

int64
Leaves::FirstFrom(const Uuid &user) const {
    int64 first = 0, end = count_;
    while (first < end) {
        const int64 middle = first + (end - first) / 2;
        if (UserAt(middle) < user)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

int64
Leaves::Find(const Uuid &user) const {
    const int64 first = FirstFrom(user);
    return first < count_ && UserAt(first) == user ? first : -1;
}

// A restore copies seals before the trigger is there.
LAUREL_FUNCTION(laurel_keep_seals) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepSeals);
    if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "seals of the ledger are made by laurel.seal_ledger() alone and never changed",
            .hint = "Call laurel.seal_ledger() to seal what is not sealed yet.",
            .table = "ledger_seals",
            .constraint = "ledger_seals_append_only"});
}

} // namespace laurel::seals
