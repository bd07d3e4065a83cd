// The two bridges between Postgres' longjmp and C++ exceptions; nothing else in the extension may cross.
#pragma once

#include "pg.h"

#include <exception>
#include <new>

namespace laurel {

// A Postgres error travelling as a C++ exception, with its whole ErrorData.
class PostgresError {
public:
    explicit PostgresError(ErrorData *data) : data_(data) {}
    ErrorData *data() const { return data_; }

private:
    ErrorData *data_;
};

namespace bridge {

// What Postgres must find again after a guarded call, however the call ended.
class SavedState {
public:
    SavedState()
        : exception_stack_(PG_exception_stack), context_stack_(error_context_stack),
          context_(CurrentMemoryContext) {}
    SavedState(const SavedState &) = delete;
    SavedState &operator=(const SavedState &) = delete;
    ~SavedState() { Restore(); }

    void Restore() const {
        PG_exception_stack = exception_stack_;
        error_context_stack = context_stack_;
    }

    // Takes the current error out of Postgres, into the memory context of the guarded call.
    ErrorData *TakeError() const {
        Restore();
        MemoryContextSwitchTo(context_);
        ErrorData *data = CopyErrorData();
        FlushErrorState();
        return data;
    }

private:
    sigjmp_buf *const exception_stack_;
    ErrorContextCallback *const context_stack_;
    const MemoryContext context_;
};

// What an entry point caught, held without allocating so that the catch block cannot fail.
struct Caught {
    ErrorData *postgres_error = nullptr;
    int sqlstate = ERRCODE_INTERNAL_ERROR;
    char message[512] = "";
};

[[noreturn]] inline void
RaiseCaught(const Caught &caught) {
    if (caught.postgres_error != nullptr)
        ReThrowError(caught.postgres_error);
    ereport(ERROR, (errcode(caught.sqlstate), errmsg_internal("%s", caught.message)));
    pg_unreachable();
}

} // namespace bridge

// Runs Postgres code under live C++ objects: an error becomes a PostgresError, so destructors run.
// The lambda itself must own nothing; a swallowed error needs a subtransaction, so let it reach the boundary.
// Who catches it does so next to the call: the error lies in the memory of that moment, which an
// SpiConnection that ends on the way out takes with it.
template <typename Fn>
std::invoke_result_t<Fn>
guard(Fn &&run) {
    const bridge::SavedState saved;
    sigjmp_buf jump;
    if (sigsetjmp(jump, 0) == 0) {
        PG_exception_stack = &jump;
        return run();
    }
    throw PostgresError(saved.TakeError());
}

// Wraps every entry point: an exception becomes an ereport after its catch block has ended.
template <typename Fn>
std::invoke_result_t<Fn>
boundary(Fn &&body) {
    bridge::Caught caught;
    try {
        return body();
    } catch (const PostgresError &error) {
        caught.postgres_error = error.data();
    } catch (const std::bad_alloc &) {
        caught.sqlstate = ERRCODE_OUT_OF_MEMORY;
        strlcpy(caught.message, "out of memory", sizeof(caught.message));
    } catch (const std::exception &error) {
        strlcpy(caught.message, error.what(), sizeof(caught.message));
    } catch (...) {
        strlcpy(caught.message, "unknown C++ exception", sizeof(caught.message));
    }
    bridge::RaiseCaught(caught);
}

} // namespace laurel

// Defines the entry point of an SQL function; the body that follows sees `fcinfo` and runs inside boundary().
#define LAUREL_FUNCTION(name)                                                                                \
    extern "C" {                                                                                             \
    PG_FUNCTION_INFO_V1(name);                                                                               \
    PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                                                \
    }                                                                                                        \
    static inline Datum name##_body(FunctionCallInfo fcinfo);                                                \
    Datum name(PG_FUNCTION_ARGS) {                                                                           \
        return laurel::boundary([&] { return name##_body(fcinfo); });                                        \
    }                                                                                                        \
    static inline Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)
