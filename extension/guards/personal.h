// Columns that keep personal values encrypted.
#pragma once

#include "guards/kinds.h"
#include "secrets/envelope.h"

namespace laurel::guards {

extern const GuardKind kSealPersonal, kDigestPersonal, kForgetDigests;

// What the arguments of the guard's triggers say: the name that the table had, owner and row column, how many
// columns can be searched, and the columns, these first. Next to each stands its envelope.
struct PersonalColumns {
    struct One {
        GuardedColumn door;
        GuardedColumn sealed;
    };

    explicit PersonalColumns(Arguments &arguments);

    // Where the values of a row are; the column is to be said.
    secrets::Place PlaceOf(HeapTuple tuple, TupleDesc tuple_desc) const;

    TableName table;
    const char *bound_name;
    GuardedColumn organization;
    GuardedColumn owner;
    GuardedColumn row;
    int count;
    One *columns;
    List *checks; // constraints that look at doors: names and expressions
    List *check_names;
    Bitmapset *seen_together; // columns that they look at, where one looks at several
    int searchable;
};

// A value as it is encrypted, and back. Types are text, varchar and date.
std::string_view PlainText(Datum value, Oid type);
Datum PlainValue(std::string_view text, Oid type);

} // namespace laurel::guards
