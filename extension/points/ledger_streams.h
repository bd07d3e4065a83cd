// Results read account by account, side by side.
#pragma once

#include "points/posting.h"
#include "postgres/spi.h"

namespace laurel::points {

// The rows of a query whose first columns are organization and user, and which is ordered by them. Read only
// in the SPI connection in which it was opened; sees what the calling statement sees.
class AccountStream {
public:
    AccountStream(const Statement &statement, const Parameters &parameters)
        : cursor_(statement, Access::Read, parameters) {
        Fetch();
    }
    AccountStream(const AccountStream &) = delete;
    AccountStream &operator=(const AccountStream &) = delete;

    bool Ended() const { return count_ == 0; }
    const AccountKey &Key() const { return key_; }
    bool IsAt(const AccountKey &key) const { return !Ended() && !(key_ < key) && !(key < key_); }

    // The columns of the row at which it stands.
    Row Columns() {
        cursor_.Restore();
        return Row(at_);
    }

    void Advance() {
        if (++at_ == count_)
            Fetch();
        else
            TakeKey();
    }

private:
    static constexpr long kFetch = 10000;

    void Fetch() {
        CHECK_FOR_INTERRUPTS();
        count_ = cursor_.Fetch(kFetch);
        at_ = 0;
        if (count_ > 0)
            TakeKey();
    }

    void TakeKey() {
        Row row = Columns();
        key_.organization = ToUuid(row.Next());
        key_.user = ToUuid(row.Next());
    }

    Cursor cursor_;
    uint64 count_ = 0;
    uint64 at_ = 0;
    AccountKey key_ = {};
};

} // namespace laurel::points
