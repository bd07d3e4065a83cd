// What enters is bounded, so that whatever walks or prints it later has stack and memory enough.
#pragma once

#include "datum.h"

namespace laurel {

// How much a column or an argument takes.
struct JsonBounds {
    int levels = 32;           // of arrays and objects
    Size bytes = 64 * 1024;    // as stored; and as many digits of all its large numbers together
    bool takes_arrays = false; // at the top, where an object is the rule
};

// Refuses (23514, constraint <table>_<column>_check) what is no object, too deep or too large.
void RequireBoundedJson(Datum json, const char *table, const char *column, const JsonBounds &bounds = {});

// Why that is no JSON within the bounds, as a sentence; null where it is. Nothing too large is unpacked.
const char *BeyondBounds(Datum json, const JsonBounds &bounds);

// Refuses (23514, constraint <table>_<column>_check) a text of more characters than that.
void RequireShortText(std::string_view text, int characters, const char *table, const char *column);

} // namespace laurel
