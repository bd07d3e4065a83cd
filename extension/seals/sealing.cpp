// laurel.seal_ledger: what has moved since the newest seal of each organization goes into a new one. Reads
// the ledger and writes seals: nobody who writes entries waits for it or shares a row with it.

#include "guards/derived_write.h"
#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "kernel/merkle.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/own_lock.h"
#include "seals/horizon.h"
#include "seals/unsealed.h"

namespace laurel::seals {

namespace {

constexpr const char *kJob = "seals";

// What a seal holds at most: an organization that has moved more gets several.
constexpr int64 kMostAccounts = 1000000;

// Members of organizations that are gone have left with them.
Statement organizations_to_seal = Statement(R"(SELECT id FROM ONLY laurel.organizations
        UNION SELECT organization_id FROM ONLY laurel_internal.departed_accounts ORDER BY 1)")
                                      .Returns(UUIDOID);

Statement count_entries = Statement(R"(SELECT coalesce(pg_catalog.sum(n), 0)::pg_catalog.int8 FROM (
        SELECT last_entry_no FROM ONLY laurel.user_points WHERE organization_id = $1
        UNION ALL SELECT last_entry_no FROM ONLY laurel_internal.departed_accounts
        WHERE organization_id = $1) a (n))",
                                    UUIDOID)
                              .Returns(INT8OID);

Statement insert_seal =
    Statement(
        R"(INSERT INTO laurel_internal.ledger_seals AS s (organization_id, seal_no, sealed_at, open_from,
            accounts, entries, root, seal_hash, leaves) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        RETURNING (s.organization_id, s.seal_no, s.sealed_at, s.open_from, s.accounts, s.entries, s.root,
            s.seal_hash, s.leaves) = ($1, $2, $3, $4, $5, $6, $7, $8, $9))",
        UUIDOID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, INT8OID, BYTEAOID, BYTEAOID, BYTEAOID)
        .Returns(BOOLOID);

[[noreturn]] void
RefuseHash() {
    Refuse({.sqlstate = ERRCODE_INTERNAL_ERROR, .message = "OpenSSL computes no SHA-256"});
}

// A seal on its way.
class Draft {
public:
    // Follows `before`, which has seal_no 0 where there is none.
    Draft(const Seal &before, TimestampTz open_from) : seal_(before), room_(1024) {
        seal_.open_from = open_from;
        leaves_ = static_cast<unsigned char *>(palloc(room_ * kernel::kSealedSize));
    }
    Draft(const Draft &) = delete;
    Draft &operator=(const Draft &) = delete;

    void Add(const Head &head) {
        if (count_ == room_) {
            room_ *= 2;
            leaves_ = static_cast<unsigned char *>(repalloc(leaves_, room_ * kernel::kSealedSize));
        }
        unsigned char *leaf = leaves_ + count_++ * kernel::kSealedSize;
        std::memcpy(leaf + kernel::kSealedUser, head.user.bytes, UUID_LEN);
        kernel::PutInteger(leaf + kernel::kSealedEntryNo, head.entry_no);
        std::memcpy(leaf + kernel::kSealedHash, head.hash, sizeof(head.hash));
        tree_.Add(leaf, kernel::kSealedSize);
        seal_.entries += head.entries;
        seal_.sealed_at = std::max(seal_.sealed_at, head.created_at);
    }

    bool IsFull() const { return count_ == kMostAccounts; }
    bool IsEmpty() const { return count_ == 0; }

    // Covers so many entries, whatever was counted.
    void Count(int64 entries) { seal_.entries = entries; }
    int64 Counted() const { return seal_.entries; }

    // Writes the seal and begins the next one.
    void Write() {
        const kernel::Digest previous = seal_.hash;
        seal_.seal_no++;
        seal_.sealed_at = std::max(seal_.sealed_at, GetCurrentTimestamp());
        seal_.accounts = static_cast<int64>(count_);
        if (!tree_.Root(&seal_.root) || !kernel::HashSeal(previous.bytes, seal_.Content(), &seal_.hash))
            RefuseHash();
        Insert();
        tree_ = {};
        count_ = 0;
    }

private:
    void Insert() const {
        const Datum values[] = {FromUuid(seal_.organization),
                                Int64GetDatum(seal_.seal_no),
                                TimestampTzGetDatum(seal_.sealed_at),
                                TimestampTzGetDatum(seal_.open_from),
                                Int64GetDatum(seal_.accounts),
                                Int64GetDatum(seal_.entries),
                                FromBytes(seal_.root.bytes, sizeof(seal_.root)),
                                FromBytes(seal_.hash.bytes, sizeof(seal_.hash)),
                                FromBytes(leaves_, count_ * kernel::kSealedSize)};
        const guards::DerivedWrite writing({TableOid("ledger_seals", "laurel_internal")});
        insert_seal.Write(values);
        if (!DatumGetBool(Field(0, 1)))
            RefuseDropped(TableOid("ledger_seals", "laurel_internal"), "a seal was changed on its way");
        ForgetResult();
    }

    Seal seal_;
    size_t room_;
    size_t count_ = 0;
    unsigned char *leaves_;
    kernel::MerkleTree tree_;
};

// How many entries the accounts say there are.
int64
CountEntries(const Uuid &organization) {
    count_entries.Run(Access::Read, FromUuid(organization));
    return DatumGetInt64(Field(0, 1));
}

// What came of looking for what has moved.
struct Sealing {
    int64 seals = 0;
    bool misses = false; // there are entries that neither seals cover nor the look has found
};

// Writes what has moved into seals. `count`: says whether it misses any.
Sealing
SealMoved(const Seal &before, bool thorough, bool count) {
    Draft draft(before, CompleteUntil(TableOid("points_ledger"), before.open_from));
    const FreshRead fresh(OwnerOf(TableOid("points_ledger")));
    Unsealed unsealed(before.organization, before.seal_no == 0 ? nullptr : &before, thorough);
    Sealing sealing;
    unsealed.Each([&](const Head &head) {
        draft.Add(head);
        if (draft.IsFull()) {
            draft.Write();
            sealing.seals++;
        }
    });
    const int64 miscounted = unsealed.sealed_entries() - before.entries;
    draft.Count(draft.Counted() + miscounted);
    sealing.misses = count && CountEntries(before.organization) != draft.Counted();
    if (draft.IsEmpty() && miscounted == 0)
        return sealing;
    draft.Write();
    sealing.seals++;
    return sealing;
}

Seal
NewestOrNone(const Uuid &organization) {
    const FreshRead fresh(OwnerOf(TableOid("ledger_seals", "laurel_internal")));
    Seal newest;
    if (NewestSeal(organization, Access::Read, &newest))
        return newest;
    newest = {};
    newest.organization = organization;
    newest.open_from = DT_NOBEGIN;
    newest.sealed_at = DT_NOBEGIN;
    return newest;
}

// Seals one organization; how many seals that takes. Before the first one, after a clock that was set back,
// and where entries are missed, every account is looked at.
int64
SealOrganization(const Uuid &organization, bool thorough, bool count) {
    const Seal newest = NewestOrNone(organization);
    thorough |= newest.open_from == DT_NOBEGIN || GetCurrentTimestamp() < newest.open_from;
    const Sealing sealing = SealMoved(newest, thorough, count && !thorough);
    if (!sealing.misses)
        return sealing.seals;
    return sealing.seals + SealMoved(NewestOrNone(organization), true, false).seals;
}

void
TellFailure(const Uuid &organization, const ErrorData &error) {
    jobs::NoteFailure(kJob, organization, error);
    ereport(WARNING,
            (errcode(error.sqlerrcode),
             errmsg("the ledger of organization %s is not sealed: %s", UuidText(organization), error.message),
             errhint("The other organizations are. This one is tried again at the next call.")));
}

int64
SealEveryOrganization(bool thorough, bool counts) {
    const SpiConnection spi;
    MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "laurel seal", ALLOCSET_DEFAULT_SIZES);
    const auto seal = [&](const Uuid &organization) {
        const MemoryContext outer = MemoryContextSwitchTo(memory);
        const int64 made = SealOrganization(organization, thorough, counts);
        MemoryContextSwitchTo(outer);
        MemoryContextReset(memory);
        return made;
    };
    return jobs::SweepOrganizations(organizations_to_seal, seal, TellFailure);
}

// Whether this is the run of the hour in which entries are counted.
bool
CountsEntries() {
    constexpr int64 kMinutes = 5;
    return GetCurrentTimestamp() / USECS_PER_MINUTE % 60 < kMinutes;
}

} // namespace

// laurel.seal_ledger(thorough)
LAUREL_FUNCTION(laurel_seal_ledger) {
    const bool thorough = !PG_ARGISNULL(0) && PG_GETARG_BOOL(0);
    const AsOwner owner(OwnerOf(TableOid("ledger_seals", "laurel_internal")));
    LockUntilEnd(OwnLock::Seals);
    const TimestampTz begin = GetCurrentTimestamp();
    const int64 seals = SealEveryOrganization(thorough, CountsEntries());
    jobs::ForgetFailures(kJob, begin);
    PG_RETURN_INT64(seals);
}

} // namespace laurel::seals
