// What of a question would tell who answers it what is right.
#pragma once

#include "postgres/datum.h"

namespace laurel::grading {

// The name of a member of the object, or of what lies in it, that would tell what is right; empty where there
// is none.
std::string_view TellingMember(JsonbContainer *question);

} // namespace laurel::grading
