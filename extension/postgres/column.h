// Values of one type on their way into a statement, row by row.
#pragma once

#include "array.h"

namespace laurel {

class Column {
public:
    Column(Oid type, int capacity)
        : type_(type),
          values_(static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<size_t>(capacity + 1)))),
          nulls_(static_cast<bool *>(palloc(sizeof(bool) * static_cast<size_t>(capacity + 1)))) {}

    // Not more often than the capacity says.
    void Add(Datum value, bool is_null = false) {
        values_[count_] = value;
        nulls_[count_++] = is_null;
    }

    int count() const { return count_; }
    Datum Array() const { return ArrayOf(values_, nulls_, count_, type_); }

private:
    Oid type_;
    Datum *values_;
    bool *nulls_;
    int count_ = 0;
};

} // namespace laurel
