// What was read of personal values in this transaction, until it is written down.
#pragma once

#include "personal/processing.h"

namespace laurel::personal {

// Remembers that a value of that person was given to the actor. Lines are written when the transaction
// commits; one that is rolled back, or cannot write, leaves a line in the server's log where `must_be_seen`.
void NoteReading(const char *table, std::string_view column, const Uuid &organization, const Uuid &person,
                 const char *purpose, bool must_be_seen);

// Writes down that so many rows about that person were given to somebody else, and sees to it that a trace
// stays: the line, where a subtransaction is rolled back, else a line in the server's log.
void NoteExport(const Uuid &organization, const Uuid &person, const char *purpose, int64 rows);

// Remembers that the actor has looked for values of a column, and how many rows were found. Written down and
// told as readings are.
void NoteSearch(const char *table, std::string_view column, int64 found);

void InitReadings();

} // namespace laurel::personal
