// What happened to members, and all that follows from it at once: a domain event, a notification, points.
#pragma once

#include "postgres/row_set.h"

namespace laurel::guards {

// What a fact says, in this order. A title makes a notification, points other than 0 an entry in the ledger.
// `key` keeps points from being paid twice, `said_key` a notification from being said twice.
constexpr RowSetColumn kFactColumns[] = {
    {"organization_id", UUIDOID},    {"user_id", UUIDOID}, {"type", TEXTOID},    {"data", JSONBOID},
    {"occurred_at", TIMESTAMPTZOID}, {"title", TEXTOID},   {"message", TEXTOID}, {"link", TEXTOID},
    {"priority", INT2OID},           {"points", INT8OID},  {"reason", TEXTOID},  {"reference_type", TEXTOID},
    {"reference_id", UUIDOID},       {"key", TEXTOID},     {"said_key", TEXTOID}};

// Who may have used the key of a fact before.
enum class Keys {
    OfRows,   // a key belongs to a row that this transaction has locked, and comes once
    Anybodys, // others at the same time, and the same statement more than once
};

// Tells the facts that a query gives. A fact whose key was paid, or whose said_key was said, is told no more.
// Run as the owner of Laurel's tables, with SPI open and what the query reads there.
void TellFacts(Statement *query, Keys keys);

} // namespace laurel::guards
