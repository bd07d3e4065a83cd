// Values of any type as jsonb.
#pragma once

#include "jsonb_object.h"
#include "parameters.h"

namespace laurel {

// Adds a value of that type under a key: numbers, booleans and jsonb as they are, times in UTC as ISO 8601,
// the rest as text. What is longer than 8 kB stands there as {"bytes": n, "sha256": "..."}.
void PutValue(JsonbObject *object, std::string_view key, const Nullable &value, Oid type);

// An array of texts.
Jsonb *JsonbTexts(const std::string_view *texts, int count);

} // namespace laurel
