// Where a session has found columns of a table: looking for one by name walks through all before it.
#pragma once

#include "datum.h"

namespace laurel {

// The numbers of some columns, in the order in which they are asked for. What an application has altered
// since is found anew.
template <size_t N> class KeptColumns {
public:
    // The columns have a name and a type. Their numbers, 1-based; an error where the table lacks one.
    template <typename Columns> const int *Find(TupleDesc tuple_desc, const Columns &columns) {
        for (size_t i = 0; i < N; i++)
            if (!StandsAt(tuple_desc, numbers_[i], columns[i].name, columns[i].type))
                numbers_[i] = Attribute(tuple_desc, columns[i].name, columns[i].type);
        return numbers_;
    }

private:
    static bool StandsAt(TupleDesc tuple_desc, int number, const char *name, Oid type) {
        if (number <= 0 || number > tuple_desc->natts)
            return false;
        const FormData_pg_attribute *column = TupleDescAttr(tuple_desc, number - 1);
        return !column->attisdropped && column->atttypid == type &&
               strcmp(NameStr(column->attname), name) == 0;
    }

    int numbers_[N] = {};
};

} // namespace laurel
