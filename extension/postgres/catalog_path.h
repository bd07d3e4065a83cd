// What SQL says whatever the caller has set: where names are looked for, and how literals are read.
#pragma once

#include "pg.h"

namespace laurel {

// Makes pg_catalog come first in search_path for a scope, so that what runs as an owner means what it says
// whatever path the caller has set. Costs a look while the path is an ordinary one; then functions still need
// their schema written out, operators on built-in types do not. Force leaves nothing else in the path, and
// reads and writes literals, dates and intervals as an untouched session in UTC does: for SQL that others
// have written into arguments of triggers, rows and migrations.
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

// As Force, but for the path: for expressions that are understood already.
class PlainLiterals {
public:
    PlainLiterals();
    PlainLiterals(const PlainLiterals &) = delete;
    PlainLiterals &operator=(const PlainLiterals &) = delete;
    ~PlainLiterals();

private:
    int guc_level_ = 0;
};

} // namespace laurel
