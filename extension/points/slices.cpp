#include "points/slices.h"

namespace laurel::points {

namespace {

constexpr SqlText kEveryAccount =
    R"((SELECT user_id, last_entry_no + 1 AS entries FROM ONLY laurel.user_points l
        WHERE $1::pg_catalog.uuid IS NULL OR l.organization_id = $1
        UNION ALL SELECT user_id, last_entry_no + 1 FROM ONLY laurel_internal.departed_accounts l
        WHERE $1::pg_catalog.uuid IS NULL OR l.organization_id = $1) u)";

Statement sum_of_entries =
    Statement(Sql<"SELECT coalesce(pg_catalog.sum(u.entries), 0)::pg_catalog.int8 FROM {1}", kEveryAccount>,
              UUIDOID)
        .Returns(INT8OID)
        .Custom();

constinit const Statement every_user =
    Statement(Sql<R"(SELECT u.user_id, pg_catalog.count(*), pg_catalog.sum(u.entries)::pg_catalog.int8
        FROM {1} GROUP BY 1 ORDER BY 1)",
                  kEveryAccount>,
              UUIDOID)
        .Returns(UUIDOID, INT8OID, INT8OID);

constexpr long kUsersAtOnce = 10000;
// Fewer entries are read before another process has begun.
constexpr int64 kWorthSharing = 50000;

// What a slice may hold.
struct Room {
    int64 accounts;
    int64 entries;
};

// Slices as they grow: the last one is open.
class Cutter {
public:
    explicit Cutter(const Room &room)
        : most_(room), items_(static_cast<Slice *>(palloc(sizeof(Slice) * places_))) {
        Open({});
    }

    // Ends the open slice behind the user before where it is full.
    void Add(const Uuid &user, const Room &takes) {
        if (held_.accounts > 0 && (held_.accounts >= most_.accounts || held_.entries >= most_.entries)) {
            items_[count_ - 1].last = before_;
            Uuid first = before_;
            NextUuid(&first);
            Open(first);
        }
        held_.accounts += takes.accounts;
        held_.entries += takes.entries;
        before_ = user;
    }

    Slices Finish() {
        std::memset(items_[count_ - 1].last.bytes, 0xFF, UUID_LEN);
        return {items_, count_};
    }

private:
    void Open(const Uuid &first) {
        if (count_ == places_) {
            places_ *= 2;
            items_ = static_cast<Slice *>(repalloc(items_, sizeof(Slice) * static_cast<Size>(places_)));
        }
        items_[count_++].first = first;
        held_ = {};
    }

    Room most_;
    int places_ = 64;
    Slice *items_;
    int count_ = 0;
    Room held_ = {};
    Uuid before_ = {};
};

} // namespace

Slices
CutLedger(const Uuid *organization, int64 most_accounts, int least_slices) {
    const Parameters of = UuidOrNull(organization);
    sum_of_entries.Run(Access::Read, of);
    const int64 entries = DatumGetInt64(Field(0, 1));
    Cutter cutter({most_accounts, std::max(kWorthSharing, entries / least_slices + 1)});
    Cursor users(every_user, Access::Read, of);
    while (const uint64 count = users.Fetch(kUsersAtOnce))
        for (uint64 number = 0; number < count; number++) {
            Row row(number);
            const Uuid user = ToUuid(row.Next());
            const int64 accounts = DatumGetInt64(row.Next());
            cutter.Add(user, {accounts, DatumGetInt64(row.Next())});
        }
    return cutter.Finish();
}

} // namespace laurel::points
