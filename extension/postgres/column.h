// Values on their way into a statement that takes an array for each column.
#pragma once

#include "array.h"
#include "list.h"
#include "parameters.h"

namespace laurel {

// Values of one type.
class Column {
public:
    template <std::integral Count>
    Column(Oid type, Count capacity)
        : type_(type), values_(NewList<Datum>(capacity)), nulls_(NewList<bool>(capacity)) {}

    // Not more often than the capacity says.
    void Add(Datum value, bool is_null = false) {
        values_[count_] = value;
        nulls_[count_++] = is_null;
    }

    int count() const { return count_; }
    Datum Last() const { return values_[count_ - 1]; }
    Datum At(int place) const { return values_[place]; }
    Datum Array() const { return ArrayOf(values_, nulls_, count_, type_); }

private:
    Oid type_;
    Datum *values_;
    bool *nulls_;
    int count_ = 0;
};

// Rows of values none of which is null.
template <size_t N> class Columns {
public:
    template <std::integral Count> Columns(const Oid (&types)[N], Count capacity) : types_(types) {
        for (Datum *&values : values_)
            values = NewList<Datum>(capacity);
    }

    // Not more often than the capacity says.
    void Add(const Datum (&row)[N]) {
        for (size_t column = 0; column < N; column++)
            values_[column][count_] = row[column];
        count_++;
    }

    int count() const { return count_; }

    // The values of the first row.
    Parameters First() const {
        Parameters parameters;
        for (const Datum *values : values_)
            parameters.Add(values[0]);
        return parameters;
    }

    Parameters Arrays() const {
        Parameters parameters;
        for (size_t column = 0; column < N; column++)
            parameters.Add(ArrayOf(values_[column], count_, types_[column]));
        return parameters;
    }

private:
    const Oid *types_;
    Datum *values_[N];
    int count_ = 0;
};

} // namespace laurel
