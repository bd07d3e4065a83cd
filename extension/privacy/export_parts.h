// What an export is made of, by the catalogue of people's columns.
#pragma once

#include "postgres/spi.h"

namespace laurel::privacy {

// Whose data, and of which organization: of any where it is null.
struct Exported {
    Uuid user;
    Datum accounts; // of the person, an array
    const Uuid *organization;
    const char *email;
    bool reveals; // shows encrypted values; otherwise they are null
};

// Rows of one table in a part of the document, each as an object. The statement takes what Values() gives,
// and is run as the table's owner.
struct ExportStep {
    const char *part;
    const char *sql;
    Oid table;

    Statement Rows() const {
        return Statement(sql, UUIDARRAYOID, UUIDOID, TEXTOID, BOOLOID).Returns(JSONBOID);
    }
    static Parameters Values(const Exported &exported) {
        return {exported.accounts, UuidOrNull(exported.organization), CStringGetTextDatum(exported.email),
                BoolGetDatum(exported.reveals)};
    }
};

struct ExportPlan {
    ExportStep *steps;
    int count;
};

// In the order of the parts. With SPI open.
ExportPlan PlanExport();

} // namespace laurel::privacy
