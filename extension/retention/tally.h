// What retention took, or would take.
#pragma once

#include "postgres/datum.h"

namespace laurel::retention {

// What a step took, or would take.
struct Tally {
    int64 rows = 0;
    int64 held = 0;
    int64 bytes = 0;
    int partitions = 0;
    int64 failed = 0;            // what failed alone and stays
    const char *error = nullptr; // how the first of them did
    bool more = false;           // something may be left for another tally
};

// Counts one more item that failed alone.
void Fail(Tally *tally, const ErrorData &error);

// Counts rows of a table that the application keeps or puts back without a word.
void Keep(Tally *tally, int64 rows, Oid table);

// Whether an error ends the whole step: what ends any batch, and a lock that was not to be had.
bool EndsStep(int sqlstate);

// Rows in a block of the table, by its statistics.
double RowsPerBlock(Relation relation);

// Bytes that so many rows of the table take, by the statistics.
int64 BytesOf(Oid table, int64 rows);

} // namespace laurel::retention
