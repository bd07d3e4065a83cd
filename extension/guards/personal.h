// Columns that keep personal values encrypted.
#pragma once

#include "guards/kinds.h"
#include "secrets/envelope.h"

namespace laurel::guards {

extern const GuardKind kSealPersonal;

// What the arguments of the guard's trigger say: the name that the table had, owner and row column, how many
// columns can be searched, and the columns, these first. Next to each stands its envelope, and its digest.
struct PersonalColumns {
    struct One {
        GuardedColumn door;
        GuardedColumn sealed;
        GuardedColumn digest; // number 0 where there is none
    };

    explicit PersonalColumns(Arguments &arguments);

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
};

// A value as it is encrypted, and back. Types are text, varchar and date.
std::string_view PlainText(Datum value, Oid type);
Datum PlainValue(std::string_view text, Oid type);

} // namespace laurel::guards
