// Lines of laurel.processing_log: who has had whose personal data before him, and what for.
#pragma once

#include "postgres/parameters.h"

namespace laurel::personal {

// Who is at work, as lines name him.
struct Actor {
    bool known; // the claims name a user
    Uuid user;
    const char *role;
    const char *login;
    const char *request;     // or null
    const char *application; // or null
};

// The actor of this moment; texts are palloc'd.
Actor CurrentActor();

// What lines of one kind say. Arrays are of one length: a line for each.
struct Processing {
    const char *activity;
    Nullable purpose = {};
    Nullable organization = {};
    Nullable users = {}; // uuid[]
    Nullable table = {};
    Nullable columns = {};    // text[]
    Nullable row_counts = {}; // bigint[]
    Nullable valid_until = {};
};

// Writes them as the table's owner. Opens SPI.
void LogProcessing(const Actor &actor, const Processing &processing);

} // namespace laurel::personal
