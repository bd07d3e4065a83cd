// Statements over transition tables.
#pragma once

#include "spi.h"

namespace laurel {

// A plan keeps the number of rows it was first made for, so that statements of few and of many rows have
// plans of their own.
class SizedStatement {
public:
    template <typename... Types>
    constexpr explicit SizedStatement(const char *sql, const Types &...types)
        : few_(sql, types...), many_(sql, types...) {}

    // Declares the types of the columns that it gives.
    template <typename... Types> constexpr SizedStatement Returns(const Types &...types) const {
        SizedStatement copy = *this;
        copy.few_ = few_.Returns(types...);
        copy.many_ = many_.Returns(types...);
        return copy;
    }

    uint64 Run(int64 rows, const Parameters &parameters = {}) {
        return For(rows).Run(Access::Write, parameters);
    }

    // The one for so many rows.
    Statement &For(int64 rows) { return rows < kMany ? few_ : many_; }

private:
    static constexpr int64 kMany = 100;
    Statement few_;
    Statement many_;
};

// How many rows a statement's transition table holds.
inline int64
RowsOf(Tuplestorestate *transition_table) {
    return transition_table == nullptr ? 1 : tuplestore_tuple_count(transition_table);
}

} // namespace laurel
