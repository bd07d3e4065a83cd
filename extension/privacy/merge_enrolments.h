// Enrolments of two accounts of one person, who is enrolled once at a time.
#pragma once

#include "postgres/spi.h"

namespace laurel::privacy {

// Where both are enrolled, the worse enrolment is completed: the active one stays, else the earlier one. What
// hangs from either stays. As the owner, with SPI open.
void CompleteWorseEnrolments(const Uuid &from, const Uuid &into);

} // namespace laurel::privacy
