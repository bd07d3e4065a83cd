// Results read account by account, side by side.
#pragma once

#include "posting.h"
#include "postgres/spi.h"

namespace laurel {

// The rows of a query whose first columns are organization and user, and which is ordered by them. Read only
// in the SPI connection in which it was opened; sees what the calling statement sees.
class AccountStream {
public:
    AccountStream(const char *sql, Datum *values, const char *nulls) {
        const CatalogPath path;
        Oid types[] = {UUIDOID, UUIDOID};
        portal_ = SPI_cursor_open_with_args(nullptr, sql, 2, types, values, nulls, true, 0);
        Fetch();
    }
    AccountStream(const AccountStream &) = delete;
    AccountStream &operator=(const AccountStream &) = delete;

    bool Ended() const { return count_ == 0; }
    const AccountKey &Key() const { return key_; }
    bool IsAt(const AccountKey &key) const { return !Ended() && !(key_ < key) && !(key < key_); }

    // The columns of the row at which it stands.
    Row Columns() {
        SPI_tuptable = rows_;
        SPI_processed = count_;
        return Row(at_);
    }

    void Advance() {
        if (++at_ == count_)
            Fetch();
        else
            TakeKey();
    }

    void Close() { SPI_cursor_close(portal_); }

private:
    static constexpr long kFetch = 10000;

    void Fetch() {
        if (rows_ != nullptr)
            SPI_freetuptable(rows_);
        CHECK_FOR_INTERRUPTS();
        SPI_cursor_fetch(portal_, true, kFetch);
        rows_ = SPI_tuptable;
        count_ = SPI_processed;
        at_ = 0;
        if (count_ > 0)
            TakeKey();
    }

    void TakeKey() {
        Row row = Columns();
        key_.organization = ToUuid(row.Next());
        key_.user = ToUuid(row.Next());
    }

    Portal portal_;
    SPITupleTable *rows_ = nullptr;
    uint64 count_ = 0;
    uint64 at_ = 0;
    AccountKey key_ = {};
};

} // namespace laurel
