// Rows that a statement reads like a table: cheaper than one array per column.
#pragma once

#include "spi.h"

extern "C" {
#include "executor/tstoreReceiver.h"
}

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

    // Adds what a statement gives: columns of these types, in this order.
    void Fill(Statement *statement, const Parameters &parameters = {}) {
        DestReceiver *receiver = CreateTuplestoreDestReceiver();
        SetTuplestoreDestReceiverParams(receiver, rows_, CurrentMemoryContext, false, relation_.md.tupdesc,
                                        "a statement gives rows of another type");
        statement->RunInto(receiver, parameters);
        receiver->rDestroy(receiver);
    }

    int64 count() const { return tuplestore_tuple_count(rows_); }

    // Calls see(row) for each row, until it says false.
    template <typename See> void Each(See &&see) const {
        TupleTableSlot *slot = MakeSingleTupleTableSlot(relation_.md.tupdesc, &TTSOpsMinimalTuple);
        tuplestore_rescan(rows_);
        while (tuplestore_gettupleslot(rows_, true, false, slot) && see(slot)) {
        }
        ExecDropSingleTupleTableSlot(slot);
    }

    // Runs a statement that reads the rows.
    uint64 Run(Statement *statement, const Parameters &parameters = {}) const;

private:
    friend class SharedRows;

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
    mutable EphemeralNamedRelationData relation_ = {};
};

// Lets statements read the rows for the length of a scope.
class SharedRows {
public:
    explicit SharedRows(const RowSet &rows) : name_(rows.relation_.md.name) {
        rows.relation_.md.enrtuples = static_cast<double>(rows.count());
        const int result = SPI_register_relation(&rows.relation_);
        if (result < 0)
            elog(ERROR, "could not register rows: %s", SPI_result_code_string(result));
    }
    SharedRows(const SharedRows &) = delete;
    SharedRows &operator=(const SharedRows &) = delete;
    ~SharedRows() { SPI_unregister_relation(name_); }

private:
    const char *name_;
};

inline uint64
RowSet::Run(Statement *statement, const Parameters &parameters) const {
    const SharedRows shared(*this);
    return statement->Run(Access::Write, parameters);
}

} // namespace laurel
