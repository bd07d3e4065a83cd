// SQL functions that throw, raise and nest in every way the bridges must bring home.

#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "postgres/bridge.h"
#include "postgres/error.h"

extern "C" {
PG_MODULE_MAGIC;
}

namespace {

int64 made = 0;
int64 destroyed = 0;

// Something that owns memory and counts its comings and goings.
class Owner {
public:
    Owner() : text_(1000, 'x') { made++; }
    Owner(const Owner &) = delete;
    Owner &operator=(const Owner &) = delete;
    ~Owner() { destroyed++; }

    bool Whole() const { return text_.size() == 1000; }

private:
    std::string text_;
};

// An error with every field an error can have.
[[noreturn]] pg_noinline void
RaiseNative() {
    ereport(ERROR, (errcode(ERRCODE_CHECK_VIOLATION), errmsg("a rule is broken by %d", 42),
                    errdetail("It is %s.", "so"), errdetail_log("Only the log learns this."),
                    errhint("Do %s.", "otherwise"), errcontext("while it was tried"),
                    err_generic_string(PG_DIAG_SCHEMA_NAME, "a schema"),
                    err_generic_string(PG_DIAG_TABLE_NAME, "a table"),
                    err_generic_string(PG_DIAG_COLUMN_NAME, "a column"),
                    err_generic_string(PG_DIAG_DATATYPE_NAME, "a type"),
                    err_generic_string(PG_DIAG_CONSTRAINT_NAME, "a_constraint"), errhidestmt(true)));
    pg_unreachable();
}

void
Execute(const char *sql) {
    if (SPI_execute(sql, false, 0) < 0)
        elog(ERROR, "SPI_execute failed");
}

// Raises at the bottom of `depth` guards, each with something alive above it.
void
RaiseBelow(int depth) {
    const Owner owner;
    if (depth > 0)
        return laurel::guard([depth] { RaiseBelow(depth - 1); });
    laurel::guard([] { RaiseNative(); });
}

} // namespace

// (made, destroyed) so far in this session.
LAUREL_FUNCTION(frontier_counts) {
    Datum values[] = {Int64GetDatum(made), Int64GetDatum(destroyed)};
    return PointerGetDatum(
        construct_array(values, 2, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

LAUREL_FUNCTION(frontier_throw) {
    const Owner owner;
    throw std::runtime_error(text_to_cstring(PG_GETARG_TEXT_PP(0)));
}

LAUREL_FUNCTION(frontier_throw_int) {
    const Owner owner;
    throw 42;
}

LAUREL_FUNCTION(frontier_throw_bad_alloc) {
    const Owner owner;
    throw std::bad_alloc();
}

// Runs out of memory in earnest, by a vector nobody can have.
LAUREL_FUNCTION(frontier_exhaust) {
    const Owner owner;
    const std::vector<Owner> many(static_cast<size_t>(PG_GETARG_INT64(0)));
    PG_RETURN_BOOL(many.empty());
}

// The error as Postgres raises it, with nothing in between.
extern "C" {
PG_FUNCTION_INFO_V1(frontier_raise_native);
PGDLLEXPORT Datum frontier_raise_native(PG_FUNCTION_ARGS);
}
Datum
frontier_raise_native(PG_FUNCTION_ARGS) {
    (void)fcinfo;
    RaiseNative();
}

LAUREL_FUNCTION(frontier_raise_guarded) {
    const Owner owner;
    laurel::guard([] { RaiseNative(); });
    PG_RETURN_BOOL(owner.Whole());
}

LAUREL_FUNCTION(frontier_raise_nested) {
    RaiseBelow(PG_GETARG_INT32(0));
    PG_RETURN_VOID();
}

// Catches the error on its way and throws it again, as code that tidies up would.
LAUREL_FUNCTION(frontier_raise_again) {
    const Owner owner;
    try {
        laurel::guard([] { RaiseNative(); });
    } catch (const laurel::PostgresError &) {
        const Owner another;
        throw;
    }
    PG_RETURN_VOID();
}

// Catches as many errors as it is told and goes on; safe only because this one holds nothing.
LAUREL_FUNCTION(frontier_swallow) {
    int32 caught = 0;
    for (int32 i = 0; i < PG_GETARG_INT32(0); i++) {
        try {
            laurel::guard([] { RaiseNative(); });
        } catch (const laurel::PostgresError &error) {
            caught += error.data()->sqlerrcode == ERRCODE_CHECK_VIOLATION;
            FreeErrorData(error.data());
        }
    }
    PG_RETURN_INT32(caught);
}

// A guarded call that succeeds gives its value, and leaves Postgres' error handling as it was.
LAUREL_FUNCTION(frontier_succeed) {
    const Owner owner;
    const sigjmp_buf *before = PG_exception_stack;
    const int32 doubled =
        laurel::guard([fcinfo] { return 2 * laurel::guard([fcinfo] { return PG_GETARG_INT32(0); }); });
    PG_RETURN_INT32(PG_exception_stack == before && owner.Whole() ? doubled : -1);
}

LAUREL_FUNCTION(frontier_refuse) {
    laurel::Refuse({.sqlstate = laurel::kConflict,
                    .message = "no",
                    .detail = "A detail.",
                    .hint = "A hint.",
                    .table = "a_table",
                    .constraint = "a_constraint"});
}

extern "C" {
PG_FUNCTION_INFO_V1(frontier_execute_native);
PGDLLEXPORT Datum frontier_execute_native(PG_FUNCTION_ARGS);
}
Datum
frontier_execute_native(PG_FUNCTION_ARGS) {
    const char *sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
    SPI_connect();
    Execute(sql);
    SPI_finish();
    PG_RETURN_VOID();
}

// Runs a statement under something alive, as the migrator does.
LAUREL_FUNCTION(frontier_execute_guarded) {
    const char *sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
    const Owner owner;
    SPI_connect();
    laurel::guard([sql] { Execute(sql); });
    SPI_finish();
    PG_RETURN_VOID();
}
