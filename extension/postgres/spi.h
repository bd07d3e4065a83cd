// SPI with saved plans: a statement is a constant-initialised static beside the code that runs it.
#pragma once

#include "bridge.h"
#include "catalog_path.h"
#include "datum.h"
#include "parameters.h"
#include "pg.h"
#include "results.h"
#include "sql.h"

namespace laurel {

// An SPI connection for the length of a scope; an error disconnects with its (sub)transaction.
class SpiConnection {
public:
    SpiConnection();
    SpiConnection(const SpiConnection &) = delete;
    SpiConnection &operator=(const SpiConnection &) = delete;
    ~SpiConnection() { SPI_finish(); }
};

// Whether a statement may write, and which snapshot it reads: Read uses the caller's, Write takes a new one.
enum class Access { Read, Write };

// A statement prepared at its first use and kept. The text is static and qualifies tables and functions, so
// that a plan survives dropped and recreated tables and means the same under any search_path; types are
// built-in ones.
class Statement {
public:
    static constexpr int kMaxColumns = 48;

    // Types of parameters and of columns are given one by one, or as arrays.
    template <typename... Types>
    constexpr explicit Statement(const char *sql, const Types &...types) : sql_(sql) {
        (AddTypes(types, &types_, &count_), ...);
    }

    // Plans anew for each execution, where the right plan depends on the arguments' size.
    constexpr Statement Custom() const {
        Statement copy = *this;
        copy.options_ = CURSOR_OPT_CUSTOM_PLAN;
        return copy;
    }

    // Plans once, where no argument makes a better plan: planning anew can cost more than the rest.
    constexpr Statement Generic() const {
        Statement copy = *this;
        copy.options_ = CURSOR_OPT_GENERIC_PLAN;
        return copy;
    }

    // Lets workers share in it, where it only reads and looks through much.
    constexpr Statement Parallel() const {
        Statement copy = *this;
        copy.options_ |= CURSOR_OPT_PARALLEL_OK;
        return copy;
    }

    // Declares the types of the columns that it gives: Run() refuses others (42804), because what reads them
    // takes them for what they should be. A statement that declares none gives none.
    template <typename... Types> constexpr Statement Returns(const Types &...types) const {
        Statement copy = *this;
        (AddTypes(types, &copy.columns_, &copy.column_count_), ...);
        return copy;
    }

    // The same for as many columns as the table's own say.
    Statement ReturnsTypes(const Oid *types, int count) const;

    // Runs it with as many parameters as it declares. Returns SPI_processed.
    uint64 Run(Access access, const Parameters &parameters = {}, long limit = 0);

    // Runs a statement that writes one row and returns it, or error 39P01 where a trigger dropped that row.
    void Write(const Parameters &parameters);

    // Runs it so that the triggers it fires AFTER wait until all those have fired that wait already, at the
    // end of the statement that has fired the one that is running.
    void RunLater(const Parameters &parameters = {});

    // Runs it and hands its rows to the receiver, which looks at their types itself; they are not kept.
    void RunInto(DestReceiver *receiver, const Parameters &parameters = {}, Access access = Access::Write);

    // Runs what only reads and calls take(slot) for each row as it is made, until that says false. What
    // stands in the slot is gone after the call.
    template <typename Take> void Each(const Parameters &parameters, Take &&take);

    // Runs it without keeping a plan: for SQL that is put together at run time.
    uint64 RunOnce(Access access, const Parameters &parameters = {}) const;

    // The table it writes, or else the first one it reads; InvalidOid where that is not known.
    Oid Table() const;

    // The columns that it gives, once it is prepared; null where it gives none or its text is not one
    // statement.
    TupleDesc Columns() const;

    // The tables that its text names, once it is prepared, and the functions and types.
    List *Tables() const;
    List *Items() const;

    // Plans it now; its text is in order when that comes back.
    void Prepare();
    bool is_prepared() const { return plan_ != nullptr; }

    // Frees the plan, while nobody runs it.
    void Forget();

private:
    friend class Cursor;

    template <size_t Most>
    static constexpr void AddTypes(Oid type, std::array<Oid, Most> *types, int *count) {
        types->at(static_cast<size_t>((*count)++)) = type;
    }
    template <size_t N, size_t Most>
    static constexpr void AddTypes(const Oid (&some)[N], std::array<Oid, Most> *types, int *count) {
        for (const Oid type : some)
            AddTypes(type, types, count);
    }

    void CheckParameters(const Parameters &parameters) const;
    void CheckColumns() const { CheckColumns(SPI_tuptable == nullptr ? nullptr : SPI_tuptable->tupdesc); }
    void CheckColumns(TupleDesc columns) const;
    const TargetEntry *Target(int column) const;
    [[noreturn]] void RefuseColumns(TupleDesc columns) const;

    const char *sql_;
    std::array<Oid, Parameters::kMost> types_ = {};
    int count_ = 0;
    int options_ = 0;
    std::array<Oid, kMaxColumns> columns_ = {};
    int column_count_ = 0;
    SPIPlanPtr plan_ = nullptr;
};

template <typename Take>
void
Statement::Each(const Parameters &parameters, Take &&take) {
    struct Receiver : DestReceiver {
        const Statement *statement;
        std::remove_reference_t<Take> *take;
    } receiver = {};
    receiver.receiveSlot = [](TupleTableSlot *slot, DestReceiver *self) {
        return boundary([=] { return (*static_cast<Receiver *>(self)->take)(slot); });
    };
    receiver.rStartup = [](DestReceiver *self, int, TupleDesc columns) {
        boundary([=] { static_cast<Receiver *>(self)->statement->CheckColumns(columns); });
    };
    receiver.rShutdown = receiver.rDestroy = [](DestReceiver *) {};
    receiver.mydest = DestNone;
    receiver.statement = this;
    receiver.take = &take;
    RunInto(&receiver, parameters, Access::Read);
}

// Runs SQL, be it several statements, whose results nobody reads. Returns how many rows the last one wrote.
uint64 RunScript(const char *sql);

// The rows of a statement, some at a time; closed with its scope.
class Cursor {
public:
    Cursor(const Statement &statement, Access access, const Parameters &parameters);
    Cursor(const Cursor &) = delete;
    Cursor &operator=(const Cursor &) = delete;
    ~Cursor() { SPI_cursor_close(portal_); }

    // The next rows, at most `count`, as the last result; their number. Those before them are gone.
    uint64 Fetch(long count);

    // Makes them the last result again after other statements.
    void Restore() const { rows_.Restore(); }

private:
    const Statement &statement_;
    Portal portal_ = nullptr;
    KeptResult rows_;
};

} // namespace laurel
