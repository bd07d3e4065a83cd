// What the last statement of the open SPI connection gave: no row beyond those that came is read.
#pragma once

#include "datum.h"

namespace laurel {

class Statement;

// Remembers whose result the last one is, for what errors say.
void NoteResult(const Statement *statement);

// Refuses (39P01) to go on where a row of that table did not come, and says how to find the trigger.
[[noreturn]] void RefuseDropped(Oid table, const char *message);

// A field of the last result, by row and 1-based column; 39P01 where no such row came.
Datum Field(uint64 row, int column, bool *is_null);

// A field that the statement promises not to be null.
Datum Field(uint64 row, int column);

// A field as text, whatever its type, palloc'd; null where it is null.
const char *TextField(uint64 row, int column);

// All fields of a row, of which there are `count`.
void Fields(uint64 row, int count, Datum *values, bool *nulls);

// A row as it is.
HeapTuple ResultRow(uint64 row);

// Hands that many rows to whoever called a function that returns a set, as they are.
void ReturnRows(FunctionCallInfo fcinfo, uint64 count);

// How many rows came.
uint64 RowCount();

// A result that is read again after other statements of the same connection.
class KeptResult {
public:
    KeptResult();
    void Forget();
    void Restore() const;

private:
    SPITupleTable *result_;
};

// Frees the last result early.
void ForgetResult();

// Columns of the last result that a statement reads one by one, in order.
class Row {
public:
    explicit Row(uint64 row = 0) : row_(row) {}
    Datum Next() { return Field(row_, ++column_); }
    Datum Next(bool *is_null) { return Field(row_, ++column_, is_null); }

private:
    uint64 row_;
    int column_ = 0;
};

// The same of a row of many columns, taken apart once: finding each from the start of the row costs more.
class WideRow {
public:
    static constexpr int kMaxColumns = 40;

    WideRow() = default;
    explicit WideRow(uint64 row) { Take(row); }
    void Take(uint64 row);
    void Take(HeapTuple row, TupleDesc columns);
    void Rewind() { column_ = 0; }
    Datum Next();
    Datum Next(bool *is_null);

private:
    int column_ = 0;
    int count_ = 0;
    Datum values_[kMaxColumns];
    bool nulls_[kMaxColumns];
};

} // namespace laurel
