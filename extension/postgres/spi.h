// SPI with saved plans: a statement is a constant-initialised static beside the code that runs it.
#pragma once

#include "datum.h"
#include "pg.h"

namespace laurel {

// An SPI connection for the length of a scope; an error disconnects with its (sub)transaction.
class SpiConnection {
public:
    SpiConnection();
    SpiConnection(const SpiConnection &) = delete;
    SpiConnection &operator=(const SpiConnection &) = delete;
    ~SpiConnection() { SPI_finish(); }
};

// Makes pg_catalog come first in search_path for a scope, so that what runs as an owner means what it says
// whatever path the caller has set. Costs a look while the path is an ordinary one; then functions still need
// their schema written out, operators on built-in types do not. Force leaves nothing else in the path.
class CatalogPath {
public:
    enum Strength { IfNeeded, Force };

    explicit CatalogPath(Strength strength = IfNeeded);
    CatalogPath(const CatalogPath &) = delete;
    CatalogPath &operator=(const CatalogPath &) = delete;
    ~CatalogPath();

private:
    int guc_level_ = 0;
};

// Whether a statement may write, and which snapshot it reads: Read uses the caller's, Write takes a new one.
enum class Access { Read, Write };

// A statement prepared at its first use and kept. The text is static and qualifies tables and functions, so
// that a plan survives dropped and recreated tables and means the same under any search_path; types are
// built-in ones.
class Statement {
public:
    static constexpr int kMaxArguments = 24;

    template <typename... Types>
    constexpr explicit Statement(const char *sql, Types... types)
        : sql_(sql), types_{static_cast<Oid>(types)...}, count_(sizeof...(types)) {}

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

    // Runs it; `nulls` marks null arguments with 'n' as SPI does. Returns SPI_processed.
    uint64 Run(Access access, const Datum *values = nullptr, const char *nulls = nullptr, long limit = 0);

private:
    void Prepare();

    const char *sql_;
    std::array<Oid, kMaxArguments> types_;
    int count_;
    int options_ = 0;
    SPIPlanPtr plan_ = nullptr;
};

// A field of the last result, by row and 1-based column.
Datum Field(uint64 row, int column, bool *is_null);

// A field that the statement promises not to be null.
Datum Field(uint64 row, int column);

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

} // namespace laurel
