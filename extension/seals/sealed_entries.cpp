#include "seals/sealed_entries.h"

namespace laurel::seals {

namespace {

constinit const Statement every_leaf =
    Statement(R"(SELECT s.organization_id, s.leaves FROM ONLY laurel_internal.ledger_seals s
        WHERE $1::pg_catalog.uuid IS NULL OR s.organization_id = $1)",
              UUIDOID)
        .Returns(UUIDOID, BYTEAOID);

Statement count_leaves = Statement(R"(SELECT coalesce(pg_catalog.sum(s.accounts), 0)::pg_catalog.int8
        FROM ONLY laurel_internal.ledger_seals s WHERE $1::pg_catalog.uuid IS NULL OR s.organization_id = $1)",
                                   UUIDOID)
                             .Returns(INT8OID)
                             .Custom();

// Sealed entries as they are read.
class Collected {
public:
    Collected() : items_(Allocate(nullptr, room_)) {}

    void Take(const Uuid &organization, const Leaves &leaves, int64 first, const Uuid &last) {
        for (int64 index = first; index < leaves.count() && !(last < leaves.UserAt(index)); index++) {
            if (count_ == room_)
                items_ = Allocate(items_, room_ *= 2);
            SealedEntry &item = items_[count_++];
            item.organization = organization;
            item.user = leaves.UserAt(index);
            item.entry_no = leaves.EntryNoAt(index);
            std::memcpy(item.hash, leaves.At(index) + kernel::kSealedHash, sizeof(item.hash));
        }
    }

    SealedEntries Sorted() {
        std::sort(items_, items_ + count_, [](const SealedEntry &a, const SealedEntry &b) {
            const int order = std::memcmp(&a, &b, offsetof(SealedEntry, entry_no));
            return order != 0 ? order < 0 : a.entry_no < b.entry_no;
        });
        return {items_, count_};
    }

private:
    static SealedEntry *Allocate(SealedEntry *old, int64 room) {
        const Size size = sizeof(SealedEntry) * static_cast<Size>(room);
        return static_cast<SealedEntry *>(old == nullptr ? MemoryContextAllocHuge(CurrentMemoryContext, size)
                                                         : repalloc_huge(old, size));
    }

    int64 room_ = 1024;
    int64 count_ = 0;
    SealedEntry *items_;
};

} // namespace

SealedEntries
EntriesUnderSeals(const Uuid &first, const Uuid &last, const Uuid *organization) {
    Collected collected;
    MemoryContext memory =
        AllocSetContextCreate(CurrentMemoryContext, "laurel leaves", ALLOCSET_DEFAULT_SIZES);
    Cursor seals(every_leaf, Access::Read, UuidOrNull(organization));
    while (seals.Fetch(1) > 0) {
        CHECK_FOR_INTERRUPTS();
        const MemoryContext outer = MemoryContextSwitchTo(memory);
        Row row;
        const Uuid of = ToUuid(row.Next());
        const Leaves leaves(row.Next());
        collected.Take(of, leaves, leaves.FirstFrom(first), last);
        MemoryContextSwitchTo(outer);
        MemoryContextReset(memory);
    }
    MemoryContextDelete(memory);
    return collected.Sorted();
}

int64
CountUnderSeals(const Uuid *organization) {
    count_leaves.Run(Access::Read, UuidOrNull(organization));
    return DatumGetInt64(Field(0, 1));
}

} // namespace laurel::seals
