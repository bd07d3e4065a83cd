#include "seals/unsealed.h"

namespace laurel::seals {

namespace {

constinit const Statement moved_since =
    Statement(R"(SELECT m.user_id, l.entry_no, l.entry_hash, l.created_at, m.first_no FROM (
            SELECT user_id, pg_catalog.min(entry_no) AS first_no, pg_catalog.max(entry_no) AS last_no
            FROM ONLY laurel.points_ledger WHERE organization_id = $1 AND created_at >= $2 GROUP BY user_id) m
        JOIN ONLY laurel.points_ledger l
        ON l.user_id = m.user_id AND l.organization_id = $1 AND l.entry_no = m.last_no ORDER BY 1)",
              UUIDOID, TIMESTAMPTZOID)
        .Returns(UUIDOID, INT8OID, BYTEAOID, TIMESTAMPTZOID, INT8OID);

// The archive is asked for accounts that have no entry in the ledger.
constinit const Statement every_head =
    Statement(R"(SELECT u.user_id, coalesce(l.entry_no, a.entry_no), coalesce(l.entry_hash, a.entry_hash),
            coalesce(l.created_at, a.created_at), 1::pg_catalog.int8 FROM (
            SELECT user_id FROM ONLY laurel.user_points
            WHERE organization_id = $1 AND $2::pg_catalog.timestamptz IS NOT NULL AND last_entry_no > 0
            UNION SELECT user_id FROM ONLY laurel_internal.departed_accounts WHERE organization_id = $1) u
        LEFT JOIN LATERAL (SELECT e.entry_no, e.entry_hash, e.created_at FROM ONLY laurel.points_ledger e
            WHERE e.user_id = u.user_id AND e.organization_id = $1 ORDER BY e.entry_no DESC LIMIT 1) l ON true
        LEFT JOIN LATERAL (SELECT e.entry_no, e.entry_hash, e.created_at FROM laurel.points_ledger_archive e
            WHERE l.entry_no IS NULL AND e.user_id = u.user_id AND e.organization_id = $1
            ORDER BY e.created_at DESC, e.entry_no DESC LIMIT 1) a ON true
        WHERE l.entry_no IS NOT NULL OR a.entry_no IS NOT NULL ORDER BY 1)",
              UUIDOID, TIMESTAMPTZOID)
        .Returns(UUIDOID, INT8OID, BYTEAOID, TIMESTAMPTZOID, INT8OID);

// A seal that covers an entry was not made before it.
constinit const Statement leaves_since = Statement(R"(SELECT s.leaves FROM ONLY laurel_internal.ledger_seals s
        WHERE s.organization_id = $1 AND s.sealed_at >= $2 ORDER BY s.seal_no)",
                                                   UUIDOID, TIMESTAMPTZOID)
                                             .Returns(BYTEAOID);

constexpr long kRowsAtOnce = 1000;

// An account's last sealed entry.
struct Sealed {
    Uuid user;
    int64 entry_no;
};

} // namespace

Unsealed::Unsealed(const Uuid &organization, const Seal *newest, bool thorough)
    : organization_(organization), newest_(newest), thorough_(thorough),
      sealed_entries_(newest == nullptr ? 0 : newest->entries),
      from_(thorough || newest == nullptr ? DT_NOBEGIN : newest->open_from),
      since_({FromUuid(organization_), TimestampTzGetDatum(from_)}),
      moved_(thorough_ ? every_head : moved_since, Access::Read, since_) {}

// Reads the seals once something has moved that they may cover.
void
Unsealed::ReadSealed() {
    HASHCTL control = {};
    control.keysize = sizeof(Uuid);
    control.entrysize = sizeof(Sealed);
    control.hcxt = CurrentMemoryContext;
    sealed_ = hash_create("sealed accounts", 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    int64 entries = 0;
    Cursor seals(leaves_since, Access::Read, since_);
    while (seals.Fetch(1) > 0) {
        const Leaves leaves(Field(0, 1));
        for (int64 index = 0; index < leaves.count(); index++) {
            const Uuid user = leaves.UserAt(index);
            bool known;
            auto *sealed = static_cast<Sealed *>(hash_search(sealed_, &user, HASH_ENTER, &known));
            const int64 before = known ? sealed->entry_no : 0;
            sealed->entry_no = std::max(before, leaves.EntryNoAt(index));
            entries += sealed->entry_no - before;
        }
    }
    if (thorough_)
        sealed_entries_ = entries;
}

// Whether a seal covers the account's last entry; else how many of its entries none does.
bool
Unsealed::IsSealed(const Head &head, int64 first_no, int64 *entries) {
    const auto *sealed = static_cast<const Sealed *>(hash_search(sealed_, &head.user, HASH_FIND, nullptr));
    if (sealed != nullptr)
        first_no = sealed->entry_no + 1;
    *entries = head.entry_no - first_no + 1;
    return *entries <= 0;
}

bool
Unsealed::Next(Head *head) {
    for (;;) {
        if (at_ == count_) {
            CHECK_FOR_INTERRUPTS();
            count_ = moved_.Fetch(kRowsAtOnce);
            at_ = 0;
            if (!std::exchange(looked_, true) && (thorough_ || count_ > 0))
                ReadSealed();
            if (count_ == 0)
                return false;
        }
        moved_.Restore();
        Row row(at_++);
        head->user = ToUuid(row.Next());
        head->entry_no = DatumGetInt64(row.Next());
        if (!CopyBytes(row.Next(), head->hash, sizeof(head->hash)))
            continue;
        head->created_at = DatumGetTimestampTz(row.Next());
        if (!IsSealed(*head, DatumGetInt64(row.Next()), &head->entries))
            return true;
    }
}

} // namespace laurel::seals
