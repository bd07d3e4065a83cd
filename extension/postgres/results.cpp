#include "results.h"

#include "error.h"
#include "spi.h"

namespace laurel {

namespace {

constinit const Statement *latest = nullptr;
constinit const SPITupleTable *latest_result = nullptr;

// The table of the statement whose result is read.
Oid
TableOfResult() {
    return latest != nullptr && latest_result == SPI_tuptable ? latest->Table() : InvalidOid;
}

[[noreturn]] void
RefuseResult(const char *what) {
    const Oid table = TableOfResult();
    RefuseDropped(table, psprintf("a statement of Laurel on %s gave no %s", QualifiedName(table), what));
}

HeapTuple
TupleOf(uint64 row, int column) {
    const SPITupleTable *result = SPI_tuptable;
    if (unlikely(result == nullptr || row >= result->numvals))
        RefuseResult("row where one must be");
    if (unlikely(column > result->tupdesc->natts))
        RefuseResult("such column");
    return result->vals[row];
}

} // namespace

void
RefuseDropped(Oid table, const char *message) {
    Refuse(
        {.sqlstate = ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
         .message = message,
         .detail = "Most likely a trigger of the application drops or changes rows.",
         .hint =
             !OidIsValid(table)
                 ? nullptr
                 : psprintf("SELECT tgname, tgfoid::regprocedure FROM pg_trigger WHERE NOT tgisinternal AND "
                            "tgrelid = '%s'::regclass shows the table's triggers.",
                            QualifiedName(table)),
         .schema = get_namespace_name(get_rel_namespace(table)),
         .table = get_rel_name(table)});
}

void
NoteResult(const Statement *statement) {
    latest = statement;
    latest_result = SPI_tuptable;
}

Datum
Field(uint64 row, int column, bool *is_null) {
    const HeapTuple tuple = TupleOf(row, column);
    return heap_getattr(tuple, column, SPI_tuptable->tupdesc, is_null);
}

Datum
Field(uint64 row, int column) {
    bool is_null;
    const Datum value = Field(row, column, &is_null);
    if (unlikely(is_null))
        RefuseResult(psprintf("value in column %d", column));
    return value;
}

const char *
TextField(uint64 row, int column) {
    const HeapTuple tuple = TupleOf(row, column);
    return SPI_getvalue(tuple, SPI_tuptable->tupdesc, column);
}

void
Fields(uint64 row, int count, Datum *values, bool *nulls) {
    const HeapTuple tuple = TupleOf(row, count);
    if (SPI_tuptable->tupdesc->natts != count)
        RefuseResult("such columns");
    heap_deform_tuple(tuple, SPI_tuptable->tupdesc, values, nulls);
}

void
WideRow::Take(uint64 row) {
    Take(TupleOf(row, 0), SPI_tuptable->tupdesc);
}

void
WideRow::Take(HeapTuple row, TupleDesc columns) {
    column_ = 0;
    count_ = columns->natts;
    if (count_ > kMaxColumns)
        RefuseResult("row of so few columns");
    heap_deform_tuple(row, columns, values_, nulls_);
}

Datum
WideRow::Next(bool *is_null) {
    if (unlikely(column_ >= count_))
        RefuseResult("such column");
    *is_null = nulls_[column_];
    return values_[column_++];
}

Datum
WideRow::Next() {
    bool is_null;
    const Datum value = Next(&is_null);
    if (unlikely(is_null))
        RefuseResult(psprintf("value in column %d", column_));
    return value;
}

HeapTuple
ResultRow(uint64 row) {
    return TupleOf(row, 0);
}

void
ReturnRows(FunctionCallInfo fcinfo, uint64 count) {
    const auto *result = reinterpret_cast<const ReturnSetInfo *>(fcinfo->resultinfo);
    for (uint64 row = 0; row < count; row++)
        tuplestore_puttuple(result->setResult, ResultRow(row));
}

uint64
RowCount() {
    return SPI_tuptable == nullptr ? 0 : SPI_tuptable->numvals;
}

KeptResult::KeptResult() : result_(SPI_tuptable) {}

void
KeptResult::Forget() {
    if (result_ == SPI_tuptable)
        SPI_tuptable = nullptr;
    SPI_freetuptable(result_);
    result_ = nullptr;
}

void
KeptResult::Restore() const {
    SPI_tuptable = result_;
    SPI_processed = RowCount();
}

void
ForgetResult() {
    KeptResult().Forget();
}

} // namespace laurel
