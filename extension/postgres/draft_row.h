// Rows on their way into a table.
#pragma once

#include "datum.h"
#include "parameters.h"
#include "trigger.h"

namespace laurel {

// A row on its way into a table, and what a BEFORE trigger changes in it: kept in the memory it was made in,
// so that it outlives an SPI connection that is opened later.
class DraftRow {
public:
    DraftRow(HeapTuple row, TupleDesc tuple_desc)
        : row_(row), tuple_desc_(tuple_desc), memory_(CurrentMemoryContext) {}
    explicit DraftRow(const TriggerData *trigger)
        : DraftRow(TriggerRow(trigger), RelationGetDescr(trigger->tg_relation)) {}

    Datum Get(const char *column, Oid type, bool *is_null) const {
        return AttributeValue(row_, tuple_desc_, column, type, is_null);
    }

    Nullable Get(const char *column, Oid type) const {
        Nullable field;
        field.value = Get(column, type, &field.is_null);
        return field;
    }

    // A uuid that every such row has, or error 23502.
    Uuid Id(const char *column) const {
        bool is_null;
        const Datum value = Get(column, UUIDOID, &is_null);
        if (is_null)
            ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION), errmsg("%s must not be null", column),
                            err_generic_string(PG_DIAG_COLUMN_NAME, column)));
        return ToUuid(value);
    }

    bool IsNull(const char *column) const {
        const int attribute = SPI_fnumber(tuple_desc_, column);
        return attribute > 0 && heap_attisnull(row_, attribute, tuple_desc_);
    }

    // The text of a column; empty where it is null.
    std::string_view Text(const char *column) const {
        bool is_null;
        const Datum value = Get(column, TEXTOID, &is_null);
        return is_null ? std::string_view() : ToText(value);
    }

    bool Flag(const char *column) const {
        bool is_null;
        const Datum value = Get(column, BOOLOID, &is_null);
        return !is_null && DatumGetBool(value);
    }

    void Set(const char *column, Oid type, Datum value, bool is_null = false) {
        int attribute = Attribute(tuple_desc_, column, type);
        const MemoryContext before = MemoryContextSwitchTo(memory_);
        row_ = heap_modify_tuple_by_cols(row_, tuple_desc_, 1, &attribute, &value, &is_null);
        MemoryContextSwitchTo(before);
    }

    Datum Done() const { return PointerGetDatum(row_); }

private:
    HeapTuple row_;
    TupleDesc tuple_desc_;
    MemoryContext memory_;
};

} // namespace laurel
