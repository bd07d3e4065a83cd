// Rows that a statement reads like a table: cheaper than one array per column.
#pragma once

#include "spi.h"

namespace laurel {

// A column of a row set.
struct RowSetColumn {
    const char *name;
    Oid type;
};

// Rows in memory, to be read by statements of the SPI connection that is open, under the name they were
// given.
class RowSet {
public:
    template <size_t N>
    RowSet(const char *name, const RowSetColumn (&columns)[N]) : RowSet(name, columns, static_cast<int>(N)) {}
    RowSet(const RowSet &) = delete;
    RowSet &operator=(const RowSet &) = delete;
    ~RowSet() { tuplestore_end(rows_); }

    void Add(const Datum *values, const bool *nulls) {
        tuplestore_putvalues(rows_, relation_.md.tupdesc, const_cast<Datum *>(values),
                             const_cast<bool *>(nulls));
    }

    int64 count() const { return tuplestore_tuple_count(rows_); }

    // Runs a statement that reads the rows.
    uint64 Run(Statement *statement, const Datum *values) {
        relation_.md.enrtuples = static_cast<double>(count());
        const int result = SPI_register_relation(&relation_);
        if (result < 0)
            elog(ERROR, "could not register rows: %s", SPI_result_code_string(result));
        const uint64 processed = statement->Run(Access::Write, values);
        SPI_unregister_relation(relation_.md.name);
        return processed;
    }

private:
    RowSet(const char *name, const RowSetColumn *columns, int count)
        : rows_(tuplestore_begin_heap(false, false, work_mem)) {
        TupleDesc tuple_desc = CreateTemplateTupleDesc(count);
        for (int i = 0; i < count; i++)
            TupleDescInitEntry(tuple_desc, static_cast<AttrNumber>(i + 1), columns[i].name, columns[i].type,
                               -1, 0);
        relation_.md = {const_cast<char *>(name), InvalidOid, tuple_desc, ENR_NAMED_TUPLESTORE, 0};
        relation_.reldata = rows_;
    }

    Tuplestorestate *rows_;
    EphemeralNamedRelationData relation_ = {};
};

} // namespace laurel
