// Seals of the ledger: what stands in its accounts at a moment, in one hash that somebody may keep elsewhere.
#pragma once

#include "kernel/seal.h"
#include "postgres/spi.h"

namespace laurel::seals {

// A seal as it is stored.
struct Seal {
    Uuid organization;
    int64 seal_no;         // 1, 2, 3 … within the organization
    TimestampTz sealed_at; // not before any entry that it covers, nor before the seal before it
    TimestampTz open_from; // entries made from then on may not be covered
    int64 accounts;        // whose last entries it holds: those that have moved
    int64 entries;         // covered by it and those before it
    kernel::Digest root;
    kernel::Digest hash;

    // For the length of the seal's life.
    kernel::SealContent Content() const {
        return {organization.bytes, seal_no, sealed_at, open_from, accounts, entries, root};
    }
};

// What ReadSeal reads, of a row `s` of the seals.
constexpr SqlText kSealColumns =
    R"(s.organization_id, s.seal_no, s.sealed_at, s.open_from, s.accounts, s.entries,
        s.root, s.seal_hash)";

// The types of kSealColumns.
constexpr Oid kSealTypes[] = {UUIDOID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID,
                              INT8OID, INT8OID, BYTEAOID,       BYTEAOID};

Seal ReadSeal(Row *row);

// Whether the seals' table is there: its migration comes after the ledger's.
bool HasSeals();

// The newest seal of an organization, in an SPI connection of the tables' owner; false where there is none.
bool NewestSeal(const Uuid &organization, Access access, Seal *seal);

// Last entries of accounts in the order of users, as a seal holds them. Views of a datum.
class Leaves {
public:
    explicit Leaves(Datum leaves);
    int64 count() const { return count_; }
    bool whole() const { return whole_; } // no byte too many or too few
    const unsigned char *At(int64 index) const { return bytes_ + index * kSize; }
    Uuid UserAt(int64 index) const;
    int64 EntryNoAt(int64 index) const { return kernel::GetInteger(At(index) + kernel::kSealedEntryNo); }

    // Where the first account stands of this user and those behind him.
    int64 FirstFrom(const Uuid &user) const;

    // Where the user's account stands; -1 where it does not.
    int64 Find(const Uuid &user) const;

private:
    static constexpr int64 kSize = kernel::kSealedSize;

    const unsigned char *bytes_;
    int64 count_;
    bool whole_;
};

} // namespace laurel::seals
