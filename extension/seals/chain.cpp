#include "seals/chain.h"

#include "kernel/merkle.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "seals/lost_entries.h"
#include "seals/unsealed.h"

namespace laurel::seals {

namespace {

constinit const Statement every_seal = Statement(Sql<R"(SELECT {1} FROM ONLY laurel_internal.ledger_seals s
        WHERE ($1::pg_catalog.uuid IS NULL OR s.organization_id = $1) AND s.seal_no > $2 ORDER BY 1, 2)",
                                                     kSealColumns>,
                                                 UUIDOID, INT8OID)
                                           .Returns(kSealTypes);

constinit const Statement some_seals =
    Statement(Sql<R"(SELECT {1}, s.leaves FROM ONLY laurel_internal.ledger_seals s
        WHERE ($1::pg_catalog.uuid IS NULL OR s.organization_id = $1) AND s.seal_no % $3 = $2)",
                  kSealColumns>,
              UUIDOID, INT8OID, INT8OID)
        .Returns(kSealTypes, BYTEAOID);

Statement leaves_of = Statement(R"(SELECT s.leaves FROM ONLY laurel_internal.ledger_seals s
        WHERE s.organization_id = $1 AND s.seal_no = $2)",
                                UUIDOID, INT8OID)
                          .Returns(BYTEAOID);

Statement previous_hash = Statement(R"(SELECT s.seal_hash FROM ONLY laurel_internal.ledger_seals s
        WHERE s.organization_id = $1 AND s.seal_no = $2)",
                                    UUIDOID, INT8OID)
                              .Returns(BYTEAOID);

Statement named_seal =
    Statement(Sql<"SELECT {1} FROM ONLY laurel_internal.ledger_seals s WHERE s.seal_hash = $1", kSealColumns>,
              BYTEAOID)
        .Returns(kSealTypes);

// Entries that accounts have, those that the newest seals cover, and when the oldest of these was made.
Statement unsealed_entries =
    Statement(R"(SELECT a.entries, coalesce(n.entries, 0)::pg_catalog.int8, n.sealed_at FROM (
        SELECT coalesce(pg_catalog.sum(last_entry_no), 0)::pg_catalog.int8 AS entries FROM (
            SELECT last_entry_no FROM ONLY laurel.user_points
            WHERE $1::pg_catalog.uuid IS NULL OR organization_id = $1
            UNION ALL SELECT last_entry_no FROM ONLY laurel_internal.departed_accounts
            WHERE $1::pg_catalog.uuid IS NULL OR organization_id = $1) u) a,
        LATERAL (SELECT pg_catalog.sum(s.entries)::pg_catalog.int8 AS entries, pg_catalog.min(s.sealed_at) AS sealed_at
            FROM (SELECT DISTINCT ON (organization_id) entries, sealed_at FROM ONLY laurel_internal.ledger_seals
            WHERE $1::pg_catalog.uuid IS NULL OR organization_id = $1 ORDER BY organization_id, seal_no DESC) s) n)",
              UUIDOID)
        .Returns(INT8OID, INT8OID, TIMESTAMPTZOID)
        .Custom();

constexpr long kSealsAtOnce = 1000;
constexpr int64 kEntriesAtOnce = 1000;

// Tells problems of seals.
struct Teller {
    void OfSeal(const Seal &seal, const char *problem) const {
        tell(listener, {seal.organization, {}, 0, problem, true});
    }

    void (*tell)(void *, const points::LedgerProblem &);
    void *listener;
};

// Seals checked one by one, in order, each behind the one before it.
class Chain {
public:
    explicit Chain(const Teller &teller) : teller_(teller) {}

    // Goes on behind a seal, of which only the hash is checked, built on that one.
    void Follow(const Seal &seal, const kernel::Digest &hash_before) {
        before_ = {};
        before_.sealed_at = DT_NOBEGIN;
        before_.hash = hash_before;
        CheckHash(seal);
        before_ = seal;
    }

    void Check(const Seal &seal) {
        if (!(seal.organization == before_.organization)) {
            before_ = {};
            before_.organization = seal.organization;
            before_.sealed_at = DT_NOBEGIN;
        }
        if (seal.seal_no != before_.seal_no + 1)
            teller_.OfSeal(seal, psprintf("seal " INT64_FORMAT " is missing", before_.seal_no + 1));
        else
            CheckHash(seal);
        before_ = seal;
    }

private:
    void CheckHash(const Seal &seal) const {
        kernel::Digest hash;
        if (!kernel::HashSeal(before_.hash.bytes, seal.Content(), &hash) ||
            std::memcmp(hash.bytes, seal.hash.bytes, sizeof(hash)) != 0)
            teller_.OfSeal(seal,
                           psprintf("seal " INT64_FORMAT " is not as it was made behind the seal before it",
                                    seal.seal_no));
        else if (seal.sealed_at < before_.sealed_at || seal.entries < before_.entries)
            teller_.OfSeal(seal,
                           psprintf("seal " INT64_FORMAT " is older than the seal before it", seal.seal_no));
    }

    Teller teller_;
    Seal before_ = {};
};

// Whether these are the leaves that the seal was made of.
bool
HasLeaves(const Seal &seal, const Leaves &leaves) {
    kernel::MerkleTree tree;
    bool ordered = leaves.whole() && leaves.count() == seal.accounts;
    for (int64 index = 0; index < leaves.count(); index++) {
        ordered &= index == 0 || leaves.UserAt(index - 1) < leaves.UserAt(index);
        tree.Add(leaves.At(index), kernel::kSealedSize);
    }
    kernel::Digest root;
    return ordered && tree.Root(&root) && std::memcmp(root.bytes, seal.root.bytes, sizeof(root)) == 0;
}

void
CheckRoot(const Teller &teller, const Seal &seal, const Leaves &leaves) {
    if (!HasLeaves(seal, leaves))
        teller.OfSeal(seal,
                      psprintf("seal " INT64_FORMAT " does not hold what it was made of", seal.seal_no));
}

void
CheckEntries(const Teller &teller, const Seal &seal, TimestampTz made_from, const Leaves &leaves) {
    for (int64 first = 0; first < leaves.count(); first += kEntriesAtOnce) {
        CHECK_FOR_INTERRUPTS();
        const LostEntries lost =
            FindLost(seal, made_from, leaves, first, std::min(kEntriesAtOnce, leaves.count() - first));
        for (int64 at = 0; at < lost.count; at++) {
            const int64 index = lost.items[at].index;
            teller.tell(teller.listener, {seal.organization, leaves.UserAt(index), leaves.EntryNoAt(index),
                                          lost.items[at].is_there ? "a sealed entry is not as it was sealed"
                                                                  : "a sealed entry is not there"});
        }
    }
}

// Looks for the entries under a seal one by one.
void
CheckUnder(const Teller &teller, const Seal &seal, TimestampTz made_from) {
    const Datum values[] = {FromUuid(seal.organization), Int64GetDatum(seal.seal_no)};
    if (leaves_of.Run(Access::Read, values) == 0)
        return;
    const KeptResult kept;
    const Leaves leaves(Field(0, 1));
    CheckRoot(teller, seal, leaves);
    CheckEntries(teller, seal, made_from, leaves);
    kept.Restore();
    ForgetResult();
}

// Calls act(seal) for each behind a number, in order and in memory of its own.
template <typename Act>
void
EachSeal(const Uuid *organization, int64 behind, Act &&act) {
    const MemoryContext outer = CurrentMemoryContext;
    MemoryContext memory = AllocSetContextCreate(outer, "laurel seals", ALLOCSET_DEFAULT_SIZES);
    Cursor seals(every_seal, Access::Read, {UuidOrNull(organization), Int64GetDatum(behind)});
    while (const uint64 count = seals.Fetch(kSealsAtOnce))
        for (uint64 number = 0; number < count; number++) {
            seals.Restore();
            Row row(number);
            MemoryContextSwitchTo(memory);
            act(ReadSeal(&row));
            MemoryContextSwitchTo(outer);
            MemoryContextReset(memory);
        }
    MemoryContextDelete(memory);
}

// The hash on which a seal is built, as it stands there.
kernel::Digest
HashBefore(const Seal &seal) {
    kernel::Digest hash = {};
    const Datum values[] = {FromUuid(seal.organization), Int64GetDatum(seal.seal_no - 1)};
    if (previous_hash.Run(Access::Read, values) > 0 && !CopyBytes(Field(0, 1), hash.bytes, sizeof(hash)))
        hash = {};
    return hash;
}

// Where entries were taken away, there may be fewer than seals cover.
void
Notice(int64 entries, TimestampTz sealed_at) {
    if (entries <= 0)
        return;
    ereport(NOTICE, (errmsg(INT64_FORMAT " %s younger than the last seal", entries,
                            entries == 1 ? "entry is" : "entries are"),
                     errdetail("It was made at %s.", timestamptz_to_str(sealed_at))));
}

} // namespace

void
CheckChains(const Uuid *organization, void (*tell)(void *, const points::LedgerProblem &), void *listener) {
    Chain chain({tell, listener});
    EachSeal(organization, 0, [&chain](const Seal &seal) { chain.Check(seal); });
}

void
CheckRoots(const Uuid *organization, int remainder, int divisor,
           void (*tell)(void *, const points::LedgerProblem &), void *listener) {
    MemoryContext memory =
        AllocSetContextCreate(CurrentMemoryContext, "laurel roots", ALLOCSET_DEFAULT_SIZES);
    Cursor seals(some_seals, Access::Read,
                 {UuidOrNull(organization), Int64GetDatum(remainder), Int64GetDatum(divisor)});
    while (seals.Fetch(1) > 0) {
        CHECK_FOR_INTERRUPTS();
        const MemoryContext outer = MemoryContextSwitchTo(memory);
        Row row;
        const Seal seal = ReadSeal(&row);
        CheckRoot({tell, listener}, seal, Leaves(row.Next()));
        MemoryContextSwitchTo(outer);
        MemoryContextReset(memory);
    }
    MemoryContextDelete(memory);
}

void
CheckSince(const Seal &since, void (*tell)(void *, const points::LedgerProblem &), void *listener) {
    const Teller teller = {tell, listener};
    Chain chain(teller);
    chain.Follow(since, HashBefore(since));
    TimestampTz made_from = since.open_from;
    EachSeal(&since.organization, since.seal_no, [&](const Seal &seal) {
        chain.Check(seal);
        CheckUnder(teller, seal, made_from);
        made_from = seal.open_from;
    });
}

void
TellUnsealed(const Uuid *organization) {
    unsealed_entries.Run(Access::Read, UuidOrNull(organization));
    Row row;
    const int64 entries = DatumGetInt64(row.Next());
    const int64 covered = DatumGetInt64(row.Next());
    bool never;
    const Datum sealed_at = row.Next(&never);
    if (!never)
        Notice(entries - covered, DatumGetTimestampTz(sealed_at));
}

void
TellUnsealedSince(const Uuid &organization) {
    Seal newest;
    if (!NewestSeal(organization, Access::Read, &newest))
        return;
    Unsealed unsealed(organization, &newest, false);
    int64 entries = 0;
    unsealed.Each([&entries](const Head &head) { entries += head.entries; });
    Notice(entries, newest.sealed_at);
}

Seal
SealNamed(Datum hash, const Uuid *organization) {
    if (named_seal.Run(Access::Read, hash) > 0) {
        Row row;
        const Seal seal = ReadSeal(&row);
        if (organization == nullptr || seal.organization == *organization)
            return seal;
    }
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no seal of this hash",
            .detail = "It was never made here, or has been changed or taken away.",
            .hint =
                "Give seal_hash as laurel.ledger_seal() returned it. SELECT * FROM laurel.verify_ledger() "
                "checks all that is there.",
            .table = "points_ledger",
            .constraint = "ledger_seals_hash_key"});
}

} // namespace laurel::seals
