// Rows as a table holds them.
#pragma once

#include "datum.h"

extern "C" {
#include "executor/tuptable.h"
}

namespace laurel {

// Reads columns of a row by name, each of the type it must have (42703, 42804).
class StoredRow {
public:
    explicit StoredRow(TupleTableSlot *row) : row_(row) {}

    Datum Get(const char *column, Oid type, bool *is_null) const {
        return slot_getattr(row_, Attribute(row_->tts_tupleDescriptor, column, type), is_null);
    }

    // Of a column that is never null.
    Datum Get(const char *column, Oid type) const {
        bool is_null;
        const Datum value = Get(column, type, &is_null);
        if (is_null)
            ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION), errmsg("%s must not be null", column)));
        return value;
    }

private:
    TupleTableSlot *row_;
};

} // namespace laurel
